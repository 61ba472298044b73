using System.Text.Json;
using System.Text.Json.Serialization;
using Sks.TestSupport;

namespace Sks.Reconciliation.Tests;

/// <summary>What an independent model computed: <c>sketch/*.json</c>. Bytes and words are hexadecimal.</summary>
internal static class SketchVectors
{
    public static MappingFile Mapping { get; } = Read<MappingFile>("mapping.json");

    public static SymbolFile Symbols { get; } = Read<SymbolFile>("symbols.json");

    public static IReadOnlyList<SketchVector> Sketches { get; } = Read<List<SketchVector>>("sketches.json");

    private static T Read<T>(string file) => JsonSerializer.Deserialize<T>(TestData.Read("sketch", file))!;

    public sealed record MappingFile(
        [property: JsonPropertyName("seeds")] IReadOnlyList<PlacesVector> Seeds,
        [property: JsonPropertyName("many")] ManyPlaces Many);

    public sealed record PlacesVector(
        [property: JsonPropertyName("seed")] string Seed,
        [property: JsonPropertyName("places")] string Places);

    public sealed record ManyPlaces(
        [property: JsonPropertyName("seeds")] int Seeds,
        [property: JsonPropertyName("cells_log2")] int Log2Cells,
        [property: JsonPropertyName("places")] int Places,
        [property: JsonPropertyName("sha256")] string Sha256);

    public sealed record SymbolFile(
        [property: JsonPropertyName("keys")] IReadOnlyList<KeyVector> Keys,
        [property: JsonPropertyName("buckets")] IReadOnlyList<BucketKeyVector> Buckets);

    public sealed record KeyVector(
        [property: JsonPropertyName("secret")] string Secret,
        [property: JsonPropertyName("k1")] string Tags,
        [property: JsonPropertyName("k2")] string Places,
        [property: JsonPropertyName("k3")] string Fingerprints,
        [property: JsonPropertyName("elements")] IReadOnlyList<SymbolVector> Elements);

    public sealed record SymbolVector(
        [property: JsonPropertyName("digest")] string Digest,
        [property: JsonPropertyName("symbol")] string Symbol,
        [property: JsonPropertyName("seed")] string Seed,
        [property: JsonPropertyName("fingerprint")] string Fingerprint);

    public sealed record BucketKeyVector(
        [property: JsonPropertyName("secret")] string Secret,
        [property: JsonPropertyName("initiator")] string Initiator,
        [property: JsonPropertyName("responder")] string Responder,
        [property: JsonPropertyName("bucket")] int Bucket,
        [property: JsonPropertyName("bucket_secret")] string BucketSecret);

    public sealed record SketchVector(
        [property: JsonPropertyName("secret")] string Secret,
        [property: JsonPropertyName("elements")] int Elements,
        [property: JsonPropertyName("cells_log2")] int Log2Cells,
        [property: JsonPropertyName("fingerprint")] string Fingerprint,
        [property: JsonPropertyName("first_cells")] IReadOnlyList<string> FirstCells,
        [property: JsonPropertyName("cells_sha256")] string CellsSha256,
        [property: JsonPropertyName("probes_sha256")] string ProbesSha256);
}
