using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sks.TestSupport;

namespace Sks.Reconciliation.Tests;

/// <summary>What an independent model computed: <c>reconciliation/field.json</c>.</summary>
public sealed record FieldVectors
{
    [JsonPropertyName("sample_points_signed")]
    public required IReadOnlyDictionary<string, int[]> SamplePoints { get; init; }

    [JsonPropertyName("sample_points_6_wire")]
    public required IReadOnlyList<string> SamplePointsOnWire { get; init; }

    [JsonPropertyName("hash_to_element")]
    public required IReadOnlyList<Number> Numbers { get; init; }

    [JsonPropertyName("svalues")]
    public required IReadOnlyList<SampledSet> SampledSets { get; init; }

    [JsonPropertyName("reconcile")]
    public required IReadOnlyList<Pair> Pairs { get; init; }

    public static FieldVectors Read() => JsonSerializer.Deserialize<FieldVectors>(TestData.Read("reconciliation", "field.json"))!;

    public static Element ParseElement(string hex) => Element.Read(Convert.FromHexString(hex));

    public static FieldElement ParseNumber(string decimalDigits) =>
        FieldNumbers.ToField(BigInteger.Parse(decimalDigits, CultureInfo.InvariantCulture));

    public static string ToWire(FieldElement number)
    {
        var bytes = new byte[FieldElement.Length];
        number.Write(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>An element and the number that stands for it.</summary>
    public sealed record Number
    {
        [JsonPropertyName("hash")]
        public required string Element { get; init; }

        [JsonPropertyName("value")]
        public required string Value { get; init; }

        [JsonPropertyName("wire")]
        public required string Wire { get; init; }
    }

    /// <summary>A set and its samples.</summary>
    public sealed record SampledSet
    {
        [JsonPropertyName("hashes")]
        public required IReadOnlyList<string> Elements { get; init; }

        [JsonPropertyName("samples_wire")]
        public required IReadOnlyList<string> Samples { get; init; }
    }

    /// <summary>Two sets, and their difference where it can be found.</summary>
    public sealed record Pair
    {
        [JsonPropertyName("name")]
        public required string Name { get; init; }

        [JsonPropertyName("result")]
        public required string Result { get; init; }

        [JsonPropertyName("remote_samples")]
        public required IReadOnlyList<string> RemoteSamples { get; init; }

        [JsonPropertyName("local_samples")]
        public required IReadOnlyList<string> LocalSamples { get; init; }

        [JsonPropertyName("remote_hashes")]
        public required IReadOnlyList<string> RemoteElements { get; init; }

        [JsonPropertyName("local_hashes")]
        public required IReadOnlyList<string> LocalElements { get; init; }

        [JsonPropertyName("numerator_low_to_high")]
        public IReadOnlyList<string>? Numerator { get; init; }

        [JsonPropertyName("denominator_low_to_high")]
        public IReadOnlyList<string>? Denominator { get; init; }

        [JsonPropertyName("remote_diff")]
        public IReadOnlyList<string>? RemoteOnly { get; init; }

        [JsonPropertyName("local_diff")]
        public IReadOnlyList<string>? LocalOnly { get; init; }
    }
}
