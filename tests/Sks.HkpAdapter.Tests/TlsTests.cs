using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sks.HkpAdapter.Tls;
using Sks.TestSupport;

namespace Sks.HkpAdapter.Tests;

public sealed class TlsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string CertificateFile => _folder.Combine("cert.pem");

    private string KeyFile => _folder.Combine("key.pem");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Serves_the_chain_in_the_file_and_a_new_one_when_it_changes()
    {
        WriteCertificate("first");
        await using HkpFixture hkp = await HkpFixture.StartAsync(configure: options =>
        {
            options.ListenTls.Add("127.0.0.1:0");
            options.TlsCertificateFile = CertificateFile;
            options.TlsKeyFile = KeyFile;
            options.TlsReloadInterval = TimeSpan.FromSeconds(1);
        });

        (string subject, int chainLength, string answer) = await GetAsync(hkp.Server.SecureAddresses[0].Port);
        Assert.Equal("CN=first", subject);
        Assert.Equal(2, chainLength);
        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);

        WriteCertificate("second");
        await Eventually.IsTrueAsync(
            async _ => (await GetAsync(hkp.Server.SecureAddresses[0].Port)).Subject == "CN=second",
            "the new certificate is served",
            null,
            TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Half_a_renewal_keeps_the_old_certificate_and_says_so_once()
    {
        WriteCertificate("first");
        string key = File.ReadAllText(KeyFile);
        using var loggers = new RecordingLoggers();
        using var source = new TlsCertificateSource(CertificateFile, KeyFile, TimeSpan.FromHours(1), TimeProvider.System, loggers);

        WriteCertificate("second");
        string newKey = File.ReadAllText(KeyFile);
        File.WriteAllText(KeyFile, key);
        source.Refresh();
        source.Refresh();
        Assert.Equal("CN=first", source.Current.TargetCertificate.Subject);
        Assert.Single(loggers.Lines, static line => line.StartsWith("Error 2007", StringComparison.Ordinal));

        File.WriteAllText(KeyFile, newKey);
        source.Refresh();
        Assert.Equal("CN=second", source.Current.TargetCertificate.Subject);

        File.Delete(CertificateFile);
        source.Refresh();
        Assert.Equal("CN=second", source.Current.TargetCertificate.Subject);
    }

    private static async Task<(string Subject, int ChainLength, string Answer)> GetAsync(int port)
    {
        using var client = new TcpClient("127.0.0.1", port);
        string subject = "";
        int chainLength = 0;
        await using var tls = new SslStream(client.GetStream(), false, (_, certificate, chain, _) =>
        {
            subject = certificate!.Subject;
            chainLength = 1 + chain!.ChainPolicy.ExtraStore.Count(extra => extra.Subject != subject);
            return true;
        });
        await tls.AuthenticateAsClientAsync("localhost");
        await tls.WriteAsync("GET /health/live HTTP/1.0\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(tls, Encoding.ASCII);
        return (subject, chainLength, await reader.ReadToEndAsync());
    }

    private void WriteCertificate(string name)
    {
        using var issuerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=root", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var issuerRequest = new CertificateRequest("CN=issuer", issuerKey, HashAlgorithmName.SHA256);
        issuerRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 root = rootRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(3));
        using X509Certificate2 issuerPublic = issuerRequest.Create(root, now.AddDays(-1), now.AddDays(2), [9, 9]);
        using X509Certificate2 issuer = issuerPublic.CopyWithPrivateKey(issuerKey);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        using X509Certificate2 own = request.Create(issuer, now.AddHours(-1), now.AddDays(1), [1, 2, 3, (byte)name.Length]);
        File.WriteAllText(CertificateFile, own.ExportCertificatePem() + "\n" + issuer.ExportCertificatePem() + "\n");
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }
}
