using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Sks.Node;

namespace Sks.Grpc.Peers;

/// <summary>TLS between peers: version 1.3, HTTP/2, a certificate on both sides, of which nothing counts but the key.</summary>
internal static class PeerTls
{
    /// <summary>How this node accepts connections. Clients may do without a certificate: what they may call then is decided later.</summary>
    public static SslServerAuthenticationOptions ForServer(SslStreamCertificateContext certificate) => new()
    {
        ServerCertificateContext = certificate,
        ClientCertificateRequired = true, // asks for one, no more: the callback decides
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        CertificateChainPolicy = CreateChainPolicy(),
        EnabledSslProtocols = SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http2],
        AllowRenegotiation = false,

        // Every connection proves its key anew.
        AllowTlsResume = false,
    };

    /// <summary>How this node connects to a peer.</summary>
    /// <param name="certificate">This node's.</param>
    /// <param name="host">The host as the operator wrote it.</param>
    /// <param name="isExpected">Whether the other end is who it has to be; null for one without a certificate.</param>
    public static SslClientAuthenticationOptions ForClient(SslStreamCertificateContext certificate, string host, Func<NodeId?, bool> isExpected) => new()
    {
        TargetHost = host,
        ClientCertificateContext = certificate,
        RemoteCertificateValidationCallback = (_, remote, _, _) => isExpected(ReadId(remote)),
        CertificateChainPolicy = CreateChainPolicy(),
        EnabledSslProtocols = SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http2],
        AllowRenegotiation = false,
        AllowTlsResume = false,
    };

    /// <summary>The certificate as TLS uses it: alone, without a chain.</summary>
    public static SslStreamCertificateContext CreateContext(X509Certificate2 certificate) =>
        SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);

    /// <summary>Who a certificate stands for; null without one.</summary>
    public static NodeId? ReadId(X509Certificate? certificate)
    {
        if (certificate is null)
            return null;
        if (certificate is X509Certificate2 full)
            return NodeId.Of(full.PublicKey.ExportSubjectPublicKeyInfo());
        using var copy = new X509Certificate2(certificate);
        return NodeId.Of(copy.PublicKey.ExportSubjectPublicKeyInfo());
    }

    // The library builds a chain whatever the callback says. Left alone it would follow the URLs in the certificate of whoever connects.
    private static X509ChainPolicy CreateChainPolicy() => new()
    {
        DisableCertificateDownloads = true,
        RevocationMode = X509RevocationMode.NoCheck,
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        VerificationFlags = X509VerificationFlags.AllFlags,
    };
}
