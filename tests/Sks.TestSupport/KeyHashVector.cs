using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sks.TestSupport;

/// <summary>What SKS says about one certificate: an entry of <c>keyhash/keyhash.json</c>.</summary>
public sealed record KeyHashVector
{
    [JsonPropertyName("fingerprint")]
    public required string Fingerprint { get; init; }

    [JsonPropertyName("keyid")]
    public required string KeyId { get; init; }

    [JsonPropertyName("version")]
    public required int Version { get; init; }

    [JsonPropertyName("algorithm")]
    public required int Algorithm { get; init; }

    [JsonPropertyName("sks_hash")]
    public required string Digest { get; init; }

    [JsonPropertyName("source_len")]
    public required int SourceLength { get; init; }

    [JsonPropertyName("canonical_len")]
    public required int CanonicalLength { get; init; }

    [JsonPropertyName("canonical_sha256")]
    public required string CanonicalSha256 { get; init; }

    [JsonPropertyName("packets")]
    public required int Packets { get; init; }

    /// <summary>All of them, in the order of <see cref="ReadKeyring"/>.</summary>
    public static IReadOnlyList<KeyHashVector> ReadAll() =>
        JsonSerializer.Deserialize<List<KeyHashVector>>(TestData.Read("keyhash", "keyhash.json"))!;

    /// <summary>The certificates as they were given to SKS, binary, one after the other.</summary>
    public static byte[] ReadKeyring() =>
        [.. TestData.Read("keyhash", "keys-debian-260.pgp"), .. TestData.Read("keyhash", "keys-synthetic-v2v3.pgp")];

    /// <summary>Each certificate's own bytes, cut by the lengths that the vectors state and not by the code under test.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> ReadCertificates()
    {
        ReadOnlyMemory<byte> rest = ReadKeyring();
        var certificates = new List<ReadOnlyMemory<byte>>();
        foreach (KeyHashVector vector in ReadAll())
        {
            certificates.Add(rest[..vector.SourceLength]);
            rest = rest[vector.SourceLength..];
        }

        return rest.IsEmpty ? certificates : throw new InvalidDataException("The keyring is longer than its vectors say.");
    }
}
