using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Sks.Node;

namespace Sks.HkpAdapter;

/// <summary>How this node speaks HKP.</summary>
public sealed class HkpOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Hkp";

    /// <summary>Where to listen without TLS: <c>ADDR:PORT</c>, IPv6 in brackets, or <c>off</c>. Default: 127.0.0.1:11371.</summary>
    public IList<string> Listen { get; set; } = [DefaultListen];

    /// <summary>Where to listen with TLS, in the same form. Default: nowhere. Needs both certificate files.</summary>
    public IList<string> ListenTls { get; set; } = [];

    /// <summary>PEM file with the server's certificate, followed by those of its issuers. Read again when it changes.</summary>
    public string? TlsCertificateFile { get; set; }

    /// <summary>PEM file with the private key of the certificate. Read again when it changes.</summary>
    public string? TlsKeyFile { get; set; }

    /// <summary>How often the certificate files are compared with what was read from them. Default: 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan TlsReloadInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Name of this host as the statistics page shows it. Default: empty, for the system's own name.</summary>
    public string Hostname { get; set; } = "";

    /// <summary>Name of this machine as the statistics page shows it. Default: empty, for the system's own name.</summary>
    public string Nodename { get; set; } = "";

    /// <summary>Key ID of the operator as the statistics page shows it. Default: empty.</summary>
    public string ServerContact { get; set; } = "";

    /// <summary>
    /// Folder with pages of the operator's own, such as index.html, style sheets and images. Default: empty, for none. Names that begin with a dot, links,
    /// and types that no browser shows are not served; neither is anything below /pks and /health.
    /// </summary>
    public string WebDirectory { get; set; } = "";

    /// <summary>Largest file in <see cref="WebDirectory"/> that is served, in bytes. Default: 16 MiB.</summary>
    [Range(1, 1024 * 1024 * 1024)]
    public long MaxWebFileBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Whether text finds certificates by words, as in SKS, and not only by whole user IDs and addresses. Default: true.</summary>
    public bool WordSearch { get; set; } = true;

    /// <summary>Largest body of <c>/pks/add</c>, in bytes. Larger certificates come by import. Default: 8 MiB.</summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public int MaxRequestBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>
    /// Bytes that all bodies being received and processed may take together; beyond, clients are told to come back. Default: 128 MiB.
    /// </summary>
    [Range(1024 * 1024, int.MaxValue)]
    public int MaxBufferedBytes { get; set; } = 128 * 1024 * 1024;

    /// <summary>Submissions of up to 256 KiB that are worked on at the same time; others wait for their turn. Default: 256.</summary>
    [Range(1, 100_000)]
    public int MaxConcurrentSubmissions { get; set; } = 256;

    /// <summary>
    /// Submissions of more than 256 KiB that are worked on at the same time: they cost memory many times their size while they are read.
    /// Default: 2.
    /// </summary>
    [Range(1, 1000)]
    public int MaxConcurrentLargeSubmissions { get; set; } = 2;

    /// <summary>Largest body of <c>/pks/hashquery</c>, in bytes. Default: 64 KiB.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxHashQueryBytes { get; set; } = 64 * 1024;

    /// <summary>Most digests in one hashquery; SKS asks for 100. Default: 1,000.</summary>
    [Range(1, 100_000)]
    public int MaxHashQueryCount { get; set; } = 1000;

    /// <summary>Connections that may be open at the same time. Default: 4,096.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 4096;

    /// <summary>Time for a client to send the head of a request. Default: 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan HeaderTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Time for a client to send the whole body of a request. Default: 3 minutes, as in SKS.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>Time that an idle connection is kept open for a next request. Default: 60 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes a second below which a transfer is given up, in either direction. Default: 240.</summary>
    [Range(1, 1024 * 1024)]
    public int MinBytesPerSecond { get; set; } = 240;

    /// <summary>Time before <see cref="MinBytesPerSecond"/> applies. Default: 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan TransferGracePeriod { get; set; } = TimeSpan.FromSeconds(5);

    private const string DefaultListen = "127.0.0.1:11371";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (string address in Listen.Concat(ListenTls))
        {
            if (address != ListenAddress.Off && !ListenAddress.TryParse(address, out _))
                yield return new ValidationResult($"'{address}' is no ADDR:PORT.", [nameof(Listen)]);
        }

        if (WebDirectory.Length > 0 && !Directory.Exists(WebDirectory))
            yield return new ValidationResult($"{nameof(WebDirectory)}: there is no folder {WebDirectory}.", [nameof(WebDirectory)]);

        bool wantsTls = ListenTls.Any(static address => address != ListenAddress.Off);
        if (wantsTls && (string.IsNullOrEmpty(TlsCertificateFile) || string.IsNullOrEmpty(TlsKeyFile)))
            yield return new ValidationResult("A TLS listener needs a certificate file and a key file.", [nameof(TlsCertificateFile)]);
    }
}

/// <summary>Checks <see cref="HkpOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class HkpOptionsValidator : IValidateOptions<HkpOptions>;
