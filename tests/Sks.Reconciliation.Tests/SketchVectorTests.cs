using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Sks.Reconciliation.Sketches;

namespace Sks.Reconciliation.Tests;

/// <summary>Keys, symbols, places and sketches as an independent model computes them. What differs here does not decode between two servers.</summary>
public sealed class SketchVectorTests
{
    [Fact]
    public void Seeds_have_the_same_places()
    {
        Assert.Equal(51, SketchVectors.Mapping.Seeds.Count);
        foreach (SketchVectors.PlacesVector vector in SketchVectors.Mapping.Seeds)
            Assert.Equal(vector.Places, string.Join(' ', PlacesOf(ParseWord(vector.Seed), 1 << CodedSketch.DefaultLog2Cells)));
    }

    [Fact]
    public void Many_seeds_have_the_same_places_up_to_the_largest_sketch()
    {
        SketchVectors.ManyPlaces vector = SketchVectors.Mapping.Many;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int count = 0;
        ulong state = 0;
        for (int seed = 0; seed < vector.Seeds; seed++)
        {
            state += 0x9E3779B97F4A7C15;
            foreach (int place in PlacesOf(Mix(state), 1 << vector.Log2Cells))
            {
                var bytes = new byte[sizeof(int)];
                BinaryPrimitives.WriteInt32LittleEndian(bytes, place);
                hash.AppendData(bytes);
                count++;
            }
        }

        Assert.Equal(vector.Places, count);
        Assert.Equal(vector.Sha256, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [Fact]
    public void Secrets_give_the_same_keys_and_elements_the_same_symbols()
    {
        foreach (SketchVectors.KeyVector vector in SketchVectors.Symbols.Keys)
        {
            SketchKey key = ParseKey(vector.Secret);
            Assert.Equal(SipKey.Read(Convert.FromHexString(vector.Tags)), key.Tags);
            Assert.Equal(SipKey.Read(Convert.FromHexString(vector.Places)), key.Places);
            Assert.Equal(SipKey.Read(Convert.FromHexString(vector.Fingerprints)), key.Fingerprints);
            Assert.Equal(16, vector.Elements.Count);
            foreach (SketchVectors.SymbolVector element in vector.Elements)
            {
                var symbol = Symbol.Of(key, Convert.FromHexString(element.Digest));
                Assert.Equal(element.Symbol, ToHex(symbol.ToCell()));
                Assert.Equal(ParseWord(element.Seed), symbol.Seed);
                Assert.Equal(element.Fingerprint, ToHex(symbol.ToFingerprint(key)));
            }
        }
    }

    [Fact]
    public void Buckets_have_the_same_keys()
    {
        foreach (SketchVectors.BucketKeyVector vector in SketchVectors.Symbols.Buckets)
        {
            SketchKey key = ParseKey(vector.Secret).ForBucket(ParseNumber(vector.Initiator), ParseNumber(vector.Responder), vector.Bucket);
            Assert.Equal(ParseKey(vector.BucketSecret).Places, key.Places);
        }
    }

    [Fact]
    public void Sets_have_the_same_sketches()
    {
        foreach (SketchVectors.SketchVector vector in SketchVectors.Sketches)
        {
            var sketch = new CodedSketch(ParseKey(vector.Secret), vector.Log2Cells);
            sketch.Add([.. Enumerable.Range(0, vector.Elements).SelectMany(ElementOf)]);
            SketchImage image = sketch.Freeze();

            Assert.Equal(ParseNumber(vector.Fingerprint), image.Fingerprint);
            Assert.Equal(vector.FirstCells, image.Cells[..vector.FirstCells.Count].ToArray().Select(ToHex));
            Assert.Equal(vector.CellsSha256, Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(image.Cells))));
            Assert.Equal(
                vector.ProbesSha256, Convert.ToHexStringLower(SHA256.HashData(DifferenceEstimator.Read(image.Cells, image.Cells.Length))));
        }
    }

    private static List<int> PlacesOf(ulong seed, int cells)
    {
        List<int> places = [];
        for (var mapping = new SymbolMapping(seed); mapping.IsBelow(cells); mapping.Advance())
            places.Add(mapping.Index);
        return places;
    }

    private static ulong Mix(ulong state)
    {
        state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        state = (state ^ (state >> 27)) * 0x94D049BB133111EB;
        return state ^ (state >> 31);
    }

    private static byte[] ElementOf(int number)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return SHA256.HashData(bytes);
    }

    private static SketchKey ParseKey(string secret) => SketchKey.Of(Convert.FromHexString(secret));

    private static ulong ParseWord(string word) => ulong.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static UInt128 ParseNumber(string bytes) => UInt128.Parse(bytes, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string ToHex(Vector128<byte> cell)
    {
        var bytes = new byte[Symbol.Length];
        cell.CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
