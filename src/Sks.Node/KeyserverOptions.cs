using System.ComponentModel.DataAnnotations;
using Sks.Node.Restrictions;
using Sks.OpenPgp;

namespace Sks.Node;

/// <summary>How a node keeps, takes in and finds certificates.</summary>
public sealed class KeyserverOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Node";

    /// <summary>Folder of the store; created when missing. Default: <c>./sks-data</c>.</summary>
    [Required]
    public string DataDirectory { get; set; } = "./sks-data";

    /// <summary>Largest packet that is accepted, in bytes. Default: 4 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxPacketBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// Largest certificate that is read, in bytes; how much of it is kept is bounded elsewhere. Default: 64 MiB, so that the flooded
    /// certificates of 2019 can be read and cleaned.
    /// </summary>
    [Range(16 * 1024, 256 * 1024 * 1024)]
    public int MaxCertificateBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Most packets in one certificate. Default: 200,000; the worst flooded certificates of 2019 had about 150,000.</summary>
    [Range(100, 10_000_000)]
    public int MaxPackets { get; set; } = 200_000;

    /// <summary>Most certificates in one submission; imports are not bound by it. Default: 10,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxCertificatesPerSubmission { get; set; } = 10_000;

    /// <summary>A search that matches as many certificates or more is refused, as in SKS (max_matches). Default: 500.</summary>
    [Range(2, 100_000)]
    public int MaxMatches { get; set; } = 500;

    /// <summary>A word with more certificates is too common to search by alone, as in SKS (max_internal_matches). Default: 20,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxInternalMatches { get; set; } = 20_000;

    /// <summary>A search whose certificates take more bytes together is refused like one with too many. Default: 64 MiB.</summary>
    [Range(1024 * 1024, long.MaxValue)]
    public long MaxResultBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>Whether anyone may read certificates unfiltered, as SKS would hold them, over HKP and gRPC. Default: false.</summary>
    public bool AllowFullView { get; set; }

    /// <summary>Writing stops while the disk has less free space than this, in bytes, and resumes by itself. Default: 256 MiB.</summary>
    [Range(0, long.MaxValue)]
    public long MinFreeDiskBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>
    /// Dialects of other keyservers that are kept up even if no peer speaks them, so that one that does later need not wait: <c>hockeypuck-2.3</c>,
    /// <c>hockeypuck-2.4</c>. Default: none.
    /// </summary>
    public IList<string> Profiles { get; set; } = [];

    /// <summary>What may enter the store; a section of its own in the configuration.</summary>
    public IngestOptions Ingest { get; } = new();

    /// <summary>The policies whose clean views are kept, by ascending version. No option of operators.</summary>
    internal IReadOnlyList<CleanViewPolicy> Policies { get; set; } = [CleanViewPolicy.Current];

    /// <summary>Whose restrictions hold here; a section of its own.</summary>
    public RestrictionOptions Restrictions { get; } = new();

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Profiles
        .Where(static name => !Dialect.TryFind(name, out _))
        .Select(static name => new ValidationResult(
            $"{nameof(Profiles)}: '{name}' is no dialect; there are {string.Join(", ", Dialect.All.Select(static known => known.Name))}.", [nameof(Profiles)]));

    /// <summary>The dialects that <see cref="Profiles"/> names.</summary>
    internal IReadOnlyList<Dialect> ToDialects() =>
        [.. Profiles.Select(static name => Dialect.TryFind(name, out Dialect dialect) ? dialect : null).OfType<Dialect>().Distinct()];

    /// <summary>The bounds for reading OpenPGP data.</summary>
    internal OpenPgpLimits ToLimits() => new()
    {
        MaxPacketBytes = MaxPacketBytes,
        MaxCertificateBytes = MaxCertificateBytes,
        MaxPackets = MaxPackets,
    };
}
