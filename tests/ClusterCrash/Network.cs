using System.Net.NetworkInformation;

namespace AgentMesh.ClusterCrash;

/// <summary>
/// Networks of their own for silos: each silo in a network namespace with two wires, one to the other silos, one to the database, the ticket
/// service and the clients. Either can be cut: packets then vanish, as between machines, and no connection is closed.
/// </summary>
internal sealed class Network : IAsyncDisposable
{
    private readonly string id;
    private readonly List<Place> places = [];

    private Network(string id, int subnet) => (this.id, Subnet) = (id, subnet);

    /// <summary>This machine's address on the wire to the database.</summary>
    public string StoreAddress => $"10.{Subnet}.2.1";

    public IReadOnlyList<Place> Places => places;

    private int Subnet { get; }

    private string Mesh => $"amm{id}";

    private string Store => $"ams{id}";

    /// <summary>Why there can be no namespaces here; null when there can.</summary>
    public static async Task<string?> Obstacle()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) return "Network namespaces need Linux and root.";
        var name = $"am{Environment.ProcessId}";
        try
        {
            if (await Shell.Try("ip", "netns", "add", name) is { } refused) return $"Network namespaces cannot be made: {refused}";
            return await Shell.Try("ip", "netns", "delete", name);
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return $"Network namespaces need the program ip: {missing.Message}";
        }
    }

    public static async Task<Network> Make(int places)
    {
        // Private addresses that hardly anybody uses, and nobody here.
        var taken = NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address.ToString()).ToList();
        var free = Enumerable.Range(0, 50).Select(n => 200 + (Environment.ProcessId + n) % 50).First(n => !taken.Exists(t => t.StartsWith($"10.{n}.", StringComparison.Ordinal)));
        var network = new Network($"{Environment.ProcessId % 100_000}", free);
        Reaper.AfterDeath(network.Remove(places));
        await Bridge(network.Mesh, $"10.{network.Subnet}.1.1");
        await Bridge(network.Store, network.StoreAddress);
        for (var n = 1; n <= places; n++) network.places.Add(await network.AddPlace(n));
        return network;
    }

    public async ValueTask DisposeAsync()
    {
        await Shell.Try("/bin/sh", "-c", Remove(places.Count));
    }

    // The wires go with the namespaces that they end in.
    private string Remove(int count) => string.Join("; ", [
        .. Enumerable.Range(1, count).Select(n => $"ip netns delete {Namespace(n)}"), $"ip link delete {Mesh}", $"ip link delete {Store}"]);

    private string Namespace(int number) => $"am{id}n{number}";

    private static async Task Bridge(string name, string address)
    {
        await Shell.Run("ip", "link", "add", name, "type", "bridge");
        await Shell.Run("ip", "address", "add", $"{address}/24", "dev", name);
        await Shell.Run("ip", "link", "set", name, "up");
    }

    private async Task<Place> AddPlace(int number)
    {
        var place = new Place(Namespace(number), $"10.{Subnet}.1.{number + 10}", $"10.{Subnet}.2.{number + 10}", $"m{number}x{id}", $"s{number}x{id}");
        await Shell.Run("ip", "netns", "add", place.Namespace);
        await Shell.Run([.. place.Within, "ip", "link", "set", "lo", "up"]);
        await Wire(place, place.MeshWire, Mesh, "mesh", place.MeshAddress);
        await Wire(place, place.StoreWire, Store, "store", place.StoreAddress);
        return place;
    }

    private static async Task Wire(Place place, string near, string bridge, string far, string address)
    {
        await Shell.Run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", place.Namespace);
        await Shell.Run("ip", "link", "set", near, "master", bridge, "up");
        await Shell.Run([.. place.Within, "ip", "address", "add", $"{address}/24", "dev", far]);
        await Shell.Run([.. place.Within, "ip", "link", "set", far, "up"]);
    }

    /// <summary>A namespace for one silo.</summary>
    /// <param name="MeshAddress">For the other silos.</param>
    /// <param name="StoreAddress">For clients.</param>
    public sealed record Place(string Namespace, string MeshAddress, string StoreAddress, string MeshWire, string StoreWire)
    {
        /// <summary>Put before a command to run it here.</summary>
        public IReadOnlyList<string> Within => ["ip", "netns", "exec", Namespace];

        /// <param name="all">Also from the database, the ticket service and the clients.</param>
        public async Task Cut(bool all)
        {
            await Shell.Run("ip", "link", "set", MeshWire, "down");
            if (all) await Shell.Run("ip", "link", "set", StoreWire, "down");
        }

        public async Task Heal()
        {
            await Shell.Run("ip", "link", "set", MeshWire, "up");
            await Shell.Run("ip", "link", "set", StoreWire, "up");
        }
    }
}
