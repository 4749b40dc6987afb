using System.Diagnostics;

namespace AgentMesh.ClusterCrash;

/// <summary>Ends what a test program started when that program itself is killed: silos, services and the server must not outlive it.</summary>
internal sealed class Reaper : IDisposable
{
    // Processes are named by id and start time: an id that came into use again is nobody of ours.
    private const string Script = """
        while kill -0 "$1" 2>/dev/null; do sleep 1; [ -e "$2/reap" ] || exit 0; done
        while read -r pid started; do
          [ "$(cut -d' ' -f22 "/proc/$pid/stat" 2>/dev/null)" = "$started" ] && kill -KILL "$pid"
        done <"$2/reap"
        [ ! -e "$2/home/postgres/postmaster.pid" ] || kill -QUIT "$(head -1 "$2/home/postgres/postmaster.pid")"
        """;

    private readonly string watched;
    private readonly Process process;

    private Reaper(string watched, Process process) => (this.watched, this.process) = (watched, process);

    public static Reaper Start(string folder)
    {
        var list = Path.Combine(folder, "reap");
        File.WriteAllText(list, "");
        var start = new ProcessStartInfo("setsid", ["/bin/sh", "-c", Script, "reaper", Environment.ProcessId.ToString(), folder]);
        return new Reaper(list, Process.Start(start)!);
    }

    /// <summary>Runs a shell's words once this program has ended, however it ends.</summary>
    public static void AfterDeath(string words)
    {
        var start = new ProcessStartInfo("setsid", ["/bin/sh", "-c", $"while kill -0 \"$1\" 2>/dev/null; do sleep 1; done; {{ {words}; }} 2>/dev/null", "after-death", Environment.ProcessId.ToString()]);
        Process.Start(start)!.Dispose();
    }

    public void Watch(int pid)
    {
        var status = File.ReadAllText($"/proc/{pid}/stat");
        var started = status[(status.LastIndexOf(')') + 2)..].Split(' ')[19];
        lock (watched) File.AppendAllText(watched, $"{pid} {started}\n");
    }

    public void Dispose()
    {
        File.Delete(watched);
        process.Dispose();
    }
}
