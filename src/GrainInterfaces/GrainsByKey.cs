using System.Diagnostics;

namespace AgentMesh.GrainInterfaces;

/// <summary>References to the grains of one type, by key. Safe for concurrent use.</summary>
/// <remarks>Orleans' factory finds the interface's id by reflection for every reference, which costs more than the call; here it is asked once.</remarks>
internal sealed class GrainsByKey<T>(IGrainFactory grains)
    where T : class, IGrainWithStringKey
{
    private Known? known;

    public T this[string key] => known is { } k ? (T)grains.GetGrain(GrainId.Create(k.Type, key), k.Interface) : First(key);

    private T First(string key)
    {
        var grain = grains.GetGrain<T>(key);
        if (grain is not GrainReference reference) throw new UnreachableException("A grain factory makes references.");
        known = new Known(reference.GrainId.Type, reference.InterfaceType);
        return grain;
    }

    private sealed record Known(GrainType Type, GrainInterfaceType Interface);
}
