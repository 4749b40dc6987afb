using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Orleans.Connections.Security;

namespace AgentMesh.GrainInterfaces.Security;

/// <summary>
/// Mutual TLS between the processes of a cluster: a certificate of our own, and the authority that signed everybody's. Nothing else is trusted, the
/// machine's store included. Silos carry the cluster's name as a DNS name in their certificate; clients carry any certificate of the authority.
/// The files are read again when they change, for the connections that follow.
/// </summary>
public sealed class MeshTls
{
    private const string CertificateSetting = "AGENTMESH_TLS_CERT";
    private const string KeySetting = "AGENTMESH_TLS_KEY";
    private const string AuthoritySetting = "AGENTMESH_TLS_CA";

    private readonly string certificate;
    private readonly string key;
    private readonly string authority;
    private readonly bool isSilo;
    private readonly Lock reading = new();
    private Identity current;

    private MeshTls(string certificate, string key, string authority, string name, bool isSilo)
    {
        (this.certificate, this.key, this.authority, Name, this.isSilo) = (certificate, key, authority, name, isSilo);
        current = Load(Read());
    }

    /// <summary>The DNS name in the certificate of each silo.</summary>
    public string Name { get; }

    /// <summary>Why files that changed are not in use; null when they are.</summary>
    public string? Trouble { get; private set; }

    /// <param name="setting">Reads <c>AGENTMESH_TLS_CERT</c>, <c>_KEY</c> and <c>_CA</c>, and <c>AGENTMESH_TLS_NAME</c>.</param>
    /// <param name="cluster">The silos' name where no other is set.</param>
    /// <returns>Null when none of the files is set.</returns>
    /// <exception cref="FormatException">A file is missing, cannot be used, or does not fit the others.</exception>
    public static MeshTls? FromSettings(Func<string, string?> setting, string cluster, bool isSilo)
    {
        string[] names = [CertificateSetting, KeySetting, AuthoritySetting];
        var missing = names.Where(n => setting(n) is null or "").ToList();
        if (missing.Count == names.Length) return null;
        if (missing.Count > 0) throw new FormatException($"{string.Join(" and ", missing)} is not set: TLS wants certificate, key and authority, each a PEM file.");
        return new MeshTls(
            setting(CertificateSetting)!, setting(KeySetting)!, setting(AuthoritySetting)!,
            setting("AGENTMESH_TLS_NAME") is { Length: > 0 } name ? name : cluster, isSilo);
    }

    /// <summary>For connections that others open.</summary>
    /// <param name="fromSilos">Whether only silos may; else whoever the authority knows.</param>
    public TlsOptions Server(bool fromSilos) => new()
    {
        LocalServerCertificateSelector = (_, _) => Current.Certificate,
        RemoteCertificateValidation = fromSilos ? IsSilo : null,
        OnAuthenticateAsServer = (_, tls) =>
        {
            var now = Current;
            var options = (SslServerAuthenticationOptions)tls.SslServerAuthenticationOptions;
            options.ServerCertificateSelectionCallback = null;
            options.ServerCertificateContext = now.Context;
            options.CertificateChainPolicy = now.Policy();
        },
    };

    /// <summary>For connections to silos.</summary>
    public TlsOptions Client() => new()
    {
        OnAuthenticateAsClient = (_, tls) =>
        {
            var now = Current;
            var options = (SslClientAuthenticationOptions)tls.SslClientAuthenticationOptions;
            options.ClientCertificateContext = now.Context;
            options.CertificateChainPolicy = now.Policy();
            options.TargetHost = Name;
        },
    };

    private bool IsSilo(X509Certificate2 peer, X509Chain? chain, SslPolicyErrors errors) => errors == SslPolicyErrors.None && peer.MatchesHostname(Name, allowCommonName: false);

    // Handshakes are rare and costly: reading three small files adds little, and needs no watcher that a mounted secret's swap of links would escape.
    private Identity Current
    {
        get
        {
            lock (reading)
            {
                try
                {
                    var files = Read();
                    if (!current.Made.SequenceEqual(files)) current = Load(files);
                    Trouble = null;
                }
                catch (FormatException e)
                {
                    // Half of a rotation, or a bad one: what was good stays.
                    Trouble = e.Message;
                }

                return current;
            }
        }
    }

    private string[] Read() => [Text(CertificateSetting, certificate), Text(KeySetting, key), Text(AuthoritySetting, authority)];

    private static string Text(string setting, string file)
    {
        try
        {
            return File.ReadAllText(file, Encoding.ASCII);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{setting}: {file} cannot be read: {e.Message}", e);
        }
    }

    private Identity Load(string[] files)
    {
        var roots = Certificates(AuthoritySetting, authority, files[2]);
        var chain = Certificates(CertificateSetting, certificate, files[0]);
        X509Certificate2 own;
        try
        {
            own = X509Certificate2.CreateFromPem(files[0], files[1]);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new FormatException($"{KeySetting}: {key} is not the key of the certificate {certificate}, or not an unencrypted PEM key.", e);
        }

        chain.RemoveAt(0);
        var made = new Identity(files, own, SslStreamCertificateContext.Create(own, chain, offline: true), roots);
        using var check = new X509Chain { ChainPolicy = made.Policy() };
        check.ChainPolicy.ExtraStore.AddRange(chain);
        if (!check.Build(own))
            throw new FormatException($"{CertificateSetting}: {certificate} does not hold against {AuthoritySetting}: {string.Join("; ", check.ChainStatus.Select(s => s.StatusInformation.Trim()).Distinct())}.");
        if (isSilo && !own.MatchesHostname(Name, allowCommonName: false))
            throw new FormatException($"{CertificateSetting}: {certificate} does not carry the DNS name {Name}, by which silos know each other. Add it to the certificate, or set AGENTMESH_TLS_NAME.");
        return made;
    }

    private static X509Certificate2Collection Certificates(string setting, string file, string pem)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new FormatException($"{setting}: {file} has a certificate that cannot be read: {e.Message}", e);
        }

        return found.Count > 0 ? found : throw new FormatException($"{setting}: {file} has no PEM certificate.");
    }

    private sealed record Identity(string[] Made, X509Certificate2 Certificate, SslStreamCertificateContext Context, X509Certificate2Collection Roots)
    {
        public X509ChainPolicy Policy()
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
            policy.CustomTrustStore.AddRange(Roots);
            return policy;
        }
    }
}
