using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Sks.HkpAdapter.Tls;

/// <summary>The TLS certificate in two PEM files, read again when they change.</summary>
/// <remarks>
/// Compares contents at intervals instead of watching the folder: certificates often come by symbolic links that are swapped, or on
/// mounts that report nothing. Files that cannot be used, such as half of a renewal, leave the old certificate in use.
/// </remarks>
internal sealed class TlsCertificateSource : IDisposable
{
    private readonly string _certificateFile;
    private readonly string _keyFile;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private byte[] _hash;
    private volatile SslStreamCertificateContext _current;

    /// <summary>Reads the files and begins to look after them.</summary>
    /// <exception cref="CryptographicException">They do not hold a certificate and its key.</exception>
    /// <exception cref="IOException">They cannot be read.</exception>
    public TlsCertificateSource(string certificateFile, string keyFile, TimeSpan interval, TimeProvider time, ILogger logger)
    {
        _certificateFile = certificateFile;
        _keyFile = keyFile;
        _logger = logger;
        (string certificatePem, string keyPem, _hash) = ReadFiles();
        _current = Load(certificatePem, keyPem);
        HkpLog.CertificateLoaded(_logger, _current.TargetCertificate.NotAfter.ToUniversalTime());
        _timer = time.CreateTimer(static source => ((TlsCertificateSource)source!).Refresh(), this, interval, interval);
    }

    /// <summary>The certificate with its issuers.</summary>
    public SslStreamCertificateContext Current => _current;

    public void Dispose() => _timer.Dispose();

    /// <summary>Reads the files again if they have changed.</summary>
    public void Refresh()
    {
        lock (_lock)
        {
            try
            {
                (string certificatePem, string keyPem, byte[] hash) = ReadFiles();
                if (hash.AsSpan().SequenceEqual(_hash))
                    return;
                _hash = hash; // also when it is of no use: to say so once
                _current = Load(certificatePem, keyPem);
                HkpLog.CertificateLoaded(_logger, _current.TargetCertificate.NotAfter.ToUniversalTime());
            }
            catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
            {
                HkpLog.CertificateRejected(_logger, error.GetType().Name);
            }
        }
    }

    private static SslStreamCertificateContext Load(string certificatePem, string keyPem)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(certificatePem);
        X509Certificate2 own = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        var issuers = new X509Certificate2Collection(all.Where(certificate => certificate.Thumbprint != own.Thumbprint).ToArray());
        return SslStreamCertificateContext.Create(own, issuers, offline: true);
    }

    private (string CertificatePem, string KeyPem, byte[] Hash) ReadFiles()
    {
        string certificatePem = File.ReadAllText(_certificateFile);
        string keyPem = File.ReadAllText(_keyFile);
        return (certificatePem, keyPem, SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(certificatePem + "\0" + keyPem)));
    }
}
