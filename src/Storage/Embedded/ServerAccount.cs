namespace AgentMesh.Storage.Embedded;

/// <summary>Under which account the server runs: our own, or an unprivileged one when we are root, whom PostgreSQL refuses.</summary>
/// <param name="Name">For people.</param>
/// <param name="Prefix">Put before a command to run it as that account; empty for our own.</param>
/// <param name="Owner"><c>uid:gid</c> that must own the data folder; null when it is ours anyway.</param>
internal sealed record ServerAccount(string Name, IReadOnlyList<string> Prefix, string? Owner)
{
    public IReadOnlyList<string> Command(params IReadOnlyList<string> command) => [.. Prefix, .. command];

    /// <summary>Takes the least privileged way that reaches both folders.</summary>
    /// <param name="home">Exists.</param>
    /// <exception cref="StorageException">We are root and no way works.</exception>
    public static async Task<ServerAccount> Choose(PostgresBinaries binaries, string home, CancellationToken ct)
    {
        if (!Environment.IsPrivilegedProcess) return new(Environment.UserName, [], null);

        var tried = new List<string>();
        foreach (var account in Candidates())
        {
            // `postgres --version` refuses root, needs its libraries and so proves that the programs work; the second test is for the data folder.
            var (exit, output) = await Embedded.Command.Run(
                account.Command("/bin/sh", "-c", "\"$1\" --version && test -r \"$1\" && test -x \"$2\"", "probe", binaries.Postgres, home), ct);
            if (exit == 0) return account;
            tried.Add($"{account.Name}: {(output.Length > 0 ? output.ReplaceLineEndings(" ") : "cannot reach the folders")}");
        }
        throw new StorageException(
            $"PostgreSQL does not run as root, and no unprivileged account can use both {binaries.Folder} and {home}. Start AgentMesh as a normal user, " +
            $"or set AGENTMESH_HOME and AGENTMESH_PG_BIN to folders that everybody may enter, or AGENTMESH_POSTGRES to a running server. Tried {string.Join("; ", tried)}.");
    }

    private static IEnumerable<ServerAccount> Candidates()
    {
        var (user, uid, gid) = Unprivileged();
        string[] become = ["setpriv", $"--reuid={uid}", $"--regid={gid}", "--clear-groups"];
        yield return new(user, become, $"{uid}:{gid}");

        // A checkout that only root may enter (mktemp -d, /root): the account keeps the one right to pass closed folders.
        // no_setuid_fixup makes access(2), which initdb and pg_ctl ask, honour it.
        yield return new(
            $"{user} with the right to pass closed folders",
            [.. become, "--securebits=+no_setuid_fixup", "--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"], $"{uid}:{gid}");

        // A user namespace in which our files belong to the account: no capability and no change of owner.
        yield return new($"{user} in a user namespace", ["unshare", "--user", $"--map-user={uid}", $"--map-group={gid}"], "0:0");
    }

    private static (string Name, int Uid, int Gid) Unprivileged()
    {
        (string, int, int)? nobody = null;
        foreach (var line in File.Exists("/etc/passwd") ? File.ReadLines("/etc/passwd") : [])
        {
            var fields = line.Split(':');
            if (fields.Length < 4 || !int.TryParse(fields[2], out var uid) || !int.TryParse(fields[3], out var gid) || uid == 0) continue;
            if (fields[0] == "postgres") return ("postgres", uid, gid);
            if (fields[0] == "nobody") nobody = ("nobody", uid, gid);
        }
        return nobody ?? ("nobody", 65534, 65534);
    }
}
