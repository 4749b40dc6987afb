namespace AgentMesh.CrashWorker;

/// <param name="Mode">load, one, drain or judge.</param>
/// <param name="DieAt">The append at which the process kills itself; 0 for none.</param>
/// <param name="DieWhen">before, during or after it.</param>
internal sealed record WorkerOptions(string Mode, int Seed, int AtOnce, IReadOnlyList<string> Mails, int DieAt, string DieWhen)
{
    public static WorkerOptions Parse(IReadOnlyList<string> args)
    {
        string Value(string name, string otherwise) => args.SkipWhile(a => a != name).Skip(1).FirstOrDefault() ?? otherwise;
        var folder = Value("--mails", "");
        return new WorkerOptions(
            args[0], int.Parse(Value("--seed", "1")), int.Parse(Value("--at-once", "4")),
            folder.Length > 0 ? [.. Directory.EnumerateFiles(folder, "*.eml").Order(StringComparer.Ordinal)] : [], int.Parse(Value("--die-at", "0")), Value("--die-when", "before"));
    }
}
