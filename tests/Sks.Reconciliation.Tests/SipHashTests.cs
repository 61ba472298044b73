using System.Buffers.Binary;
using Sks.Reconciliation.Sketches;
using Sks.TestSupport;

namespace Sks.Reconciliation.Tests;

/// <summary>SipHash against the vectors of its reference: <c>sketch/siphash128.txt</c>.</summary>
public sealed class SipHashTests
{
    private static readonly SipKey Key = SipKey.Read([.. Enumerable.Range(0, 16).Select(static number => (byte)number)]);

    [Fact]
    public void It_is_the_references()
    {
        string[] expected = File.ReadAllLines(TestData.PathOf("sketch", "siphash128.txt"));
        Assert.Equal(64, expected.Length);
        for (int length = 0; length < expected.Length; length++)
            Assert.Equal(expected[length], ToHex(SipHash.Hash(Key, Message(length))));
    }

    [Fact]
    public void The_short_form_is_that_of_12_bytes()
    {
        byte[] message = Message(12);
        Assert.Equal(
            SipHash.Hash(Key, message),
            SipHash.Hash(Key, BinaryPrimitives.ReadUInt64LittleEndian(message), BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(8))));
    }

    private static byte[] Message(int length) => [.. Enumerable.Range(0, length).Select(static number => (byte)number)];

    private static string ToHex((ulong First, ulong Second) hash)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, hash.First);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), hash.Second);
        return Convert.ToHexStringLower(bytes);
    }
}
