namespace AgentMesh.Tools.Sql;

public sealed class SqlGuardTests
{
    [Theory]
    [InlineData("select 1")]
    [InlineData("SELECT quarter, revenue FROM figures WHERE quarter = $1;")]
    [InlineData("with t as (select 1 as x) select * from t -- done; really")]
    [InlineData("(select 1) union all (select 2)")]
    [InlineData("values (1, 'a;b'), (2, $$c;d$$)")]
    [InlineData("select e'\\' , pg_sleep(1) --'")]
    [InlineData("table figures")]
    [InlineData("select 'pg_sleep(1)' as text, \"update\" from t")]
    [InlineData("select /* nested /* comment; */ pg_read_file('x') */ 1")]
    [InlineData("select e'it\\'s; fine', 1.5e-3, .5, a::numeric(10,2) from t where b ->> 'c' = 'd'")]
    [InlineData("select relname from pg_catalog.pg_class")]
    [InlineData("select pg_typeof(1), sum(x) over (partition by y), count(*) filter (where z) from t")]
    [InlineData("select $tag$ it's $$ here $tag$")]
    public void Statements_that_read_are_let_through(string sql) => SqlGuard.Check(sql);

    [Theory]
    [InlineData("")]
    [InlineData(" ; ")]
    [InlineData("-- nothing")]
    [InlineData("insert into t values (1)")]
    [InlineData("update t set x = 1")]
    [InlineData("drop table t")]
    [InlineData("copy t to program 'sh'")]
    [InlineData("set role postgres")]
    [InlineData("begin")]
    [InlineData("commit; drop table t")]
    [InlineData("select 1; drop table t")]
    [InlineData("select 1;;select 2")]
    [InlineData("explain analyze delete from t")]
    [InlineData("do $$ begin end $$")]
    [InlineData("execute x")]
    [InlineData("call x()")]
    [InlineData("listen x")]
    [InlineData("select pg_read_file('/etc/passwd')")]
    [InlineData("select pg_catalog.pg_read_file('/etc/passwd')")]
    [InlineData("select \"pg_read_file\"('/etc/passwd')")]
    [InlineData("select PG_Sleep(10)")]
    [InlineData("select pg_sleep /* x */ (10)")]
    [InlineData("select * from pg_ls_dir('/')")]
    [InlineData("select pg_terminate_backend(1)")]
    [InlineData("select pg_advisory_lock(1)")]
    [InlineData("select lo_import('/etc/passwd')")]
    [InlineData("select lo_export(1, '/tmp/x')")]
    [InlineData("select * from dblink('host=x', 'select 1') as t(x int)")]
    [InlineData("select set_config('role', 'postgres', false)")]
    [InlineData("select setval('s', 1)")]
    [InlineData("select nextval('s')")]
    [InlineData("select query_to_xml('select pg_sleep(1)', true, true, '')")]
    [InlineData("select * from ts_stat('select pg_sleep(1)')")]
    [InlineData("select * from pg_authid")]
    [InlineData("select * from \"pg_shadow\"")]
    [InlineData("select U&\"pg\\005fsleep\"(1)")]
    [InlineData("select u&'x'")]
    [InlineData("select 'open")]
    [InlineData("select \"open")]
    [InlineData("select $$open")]
    [InlineData("select /* open")]
    [InlineData("select E'x'\n'\\' ' , pg_sleep(1) --'")]
    [InlineData("select 'a' 'b'")]
    [InlineData("select 1a")]
    public void Everything_else_is_refused(string sql) => Assert.Throws<SqlRefusedException>(() => SqlGuard.Check(sql));

    [Fact]
    public void The_reason_names_what_is_refused()
    {
        Assert.Contains("'DELETE'", Assert.Throws<SqlRefusedException>(() => SqlGuard.Check("delete from t")).Message, StringComparison.Ordinal);
        Assert.Contains("'pg_sleep'", Assert.Throws<SqlRefusedException>(() => SqlGuard.Check("select pg_sleep(1)")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_keep_text_apart_from_names()
    {
        var tokens = SqlLexer.Read("select 'it''s', \"a \"\"b\"\"\", $1 from t");
        Assert.Equal(
            [(SqlTokenKind.Word, "select"), (SqlTokenKind.Text, "it's"), (SqlTokenKind.Symbol, ","), (SqlTokenKind.QuotedName, "a \"b\""), (SqlTokenKind.Symbol, ","),
                (SqlTokenKind.Parameter, "1"), (SqlTokenKind.Word, "from"), (SqlTokenKind.Word, "t")],
            tokens.Select(token => (token.Kind, token.Text)));
    }
}
