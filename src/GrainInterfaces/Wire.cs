using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentMesh.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;

namespace AgentMesh.GrainInterfaces;

/// <summary>How the mesh's contracts travel between silos and clients. Every silo and every client adds it.</summary>
public static class Wire
{
    /// <summary>Contracts go as JSON by their own codec, and only types that it knows; within a silo they are shared, being immutable.</summary>
    public static IServiceCollection AddAgentMeshWire(this IServiceCollection services)
    {
        services.AddSerializer(serializer => serializer.AddJsonSerializer(IsContract, IsNever, options => options.Configure(o => o.SerializerOptions = Options)));
        services.AddSingleton<IGeneralizedCopier, ContractCopier>();
        services.AddSingleton<ITypeFilter, ContractFilter>();
        return services;
    }

    private static readonly JsonSerializerOptions Options = new(MeshJson.Default.Options) { TypeInfoResolver = MeshJson.Default };

    internal static bool IsContract(Type type) => type.Assembly == typeof(IMesh).Assembly && !typeof(Exception).IsAssignableFrom(type) && Knows(type);

    private static bool IsNever(Type type) => false;

    private static bool Knows(Type type) => ((IJsonTypeInfoResolver)MeshJson.Default).GetTypeInfo(type, Options) is not null;

    private sealed class ContractCopier : IGeneralizedCopier
    {
        public bool IsSupportedType(Type type) => IsContract(type);

        public object? DeepCopy(object? input, CopyContext context) => input;
    }
}

/// <summary>Lets contracts be named on the wire, also those that are only a base: a list of events names its element type.</summary>
internal sealed class ContractFilter : ITypeFilter
{
    public bool? IsTypeAllowed(Type type) => Wire.IsContract(type) ? true : null;
}

/// <summary>Carries a refusal with its code.</summary>
[GenerateSerializer, Alias("agentmesh.error")]
internal struct MeshExceptionSurrogate
{
    [Id(0)]
    public string Code;

    [Id(1)]
    public string Message;
}

[RegisterConverter]
internal sealed class MeshExceptionConverter : IConverter<MeshException, MeshExceptionSurrogate>
{
    public MeshException ConvertFromSurrogate(in MeshExceptionSurrogate surrogate) => new(surrogate.Code, surrogate.Message);

    public MeshExceptionSurrogate ConvertToSurrogate(in MeshException value) => new() { Code = value.Code, Message = value.Message };
}
