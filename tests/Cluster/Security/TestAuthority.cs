using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AgentMesh.Cluster.Security;

/// <summary>A certificate authority of a test, which writes what it issues into a folder.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 certificate;
    private readonly string folder;

    public TestAuthority(string folder, string name)
    {
        this.folder = folder;
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File = Path.Combine(folder, $"{name}.ca.pem");
        System.IO.File.WriteAllText(File, certificate.ExportCertificatePem());
    }

    public string File { get; }

    /// <summary>Issues a certificate for both ends of a connection.</summary>
    /// <returns>The settings that name its files.</returns>
    public Dictionary<string, string> Issue(string name, string dns)
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", own, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dns);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        using var issued = request.Create(certificate, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(12), RandomNumberGenerator.GetBytes(12));
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AGENTMESH_TLS_CERT"] = Path.Combine(folder, $"{name}.pem"),
            ["AGENTMESH_TLS_KEY"] = Path.Combine(folder, $"{name}.key"),
            ["AGENTMESH_TLS_CA"] = File,
        };
        System.IO.File.WriteAllText(settings["AGENTMESH_TLS_CERT"], issued.ExportCertificatePem());
        System.IO.File.WriteAllText(settings["AGENTMESH_TLS_KEY"], own.ExportPkcs8PrivateKeyPem());
        return settings;
    }

    public void Dispose()
    {
        certificate.Dispose();
        key.Dispose();
    }
}
