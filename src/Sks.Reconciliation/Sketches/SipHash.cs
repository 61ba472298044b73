using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Sks.Reconciliation.Sketches;

/// <summary>A key of SipHash: 16 bytes as two little-endian words.</summary>
internal readonly record struct SipKey(ulong Low, ulong High)
{
    /// <summary>Bytes of a key.</summary>
    public const int Length = 16;

    /// <summary>Reads a key.</summary>
    /// <param name="bytes"><see cref="Length"/> bytes.</param>
    public static SipKey Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
}

/// <summary>SipHash-2-4 with 128 bits of output: the pseudo-random function of sketches. Source: Aumasson and Bernstein's reference.</summary>
/// <remarks>The output is 16 bytes; here they are two little-endian words.</remarks>
internal static class SipHash
{
    /// <summary>The hash of any message.</summary>
    public static (ulong First, ulong Second) Hash(SipKey key, ReadOnlySpan<byte> message)
    {
        var state = new State(key);
        ulong last = (ulong)message.Length << 56;
        for (; message.Length >= 8; message = message[8..])
            state.Add(BinaryPrimitives.ReadUInt64LittleEndian(message));
        for (int i = 0; i < message.Length; i++)
            last |= (ulong)message[i] << (8 * i);
        state.Add(last);
        return state.Finish();
    }

    /// <summary>The hash of 12 bytes: a word and half a word, little-endian.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (ulong First, ulong Second) Hash(SipKey key, ulong word, uint half)
    {
        var state = new State(key);
        state.Add(word);
        state.Add((12UL << 56) | half);
        return state.Finish();
    }

    private ref struct State
    {
        private ulong _v0;
        private ulong _v1;
        private ulong _v2;
        private ulong _v3;

        public State(SipKey key)
        {
            _v0 = key.Low ^ 0x736f6d6570736575;
            _v1 = key.High ^ 0x646f72616e646f6d ^ 0xee;
            _v2 = key.Low ^ 0x6c7967656e657261;
            _v3 = key.High ^ 0x7465646279746573;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(ulong word)
        {
            _v3 ^= word;
            Round();
            Round();
            _v0 ^= word;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public (ulong First, ulong Second) Finish()
        {
            _v2 ^= 0xee;
            ulong first = FourRounds();
            _v1 ^= 0xdd;
            return (first, FourRounds());
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private ulong FourRounds()
        {
            Round();
            Round();
            Round();
            Round();
            return _v0 ^ _v1 ^ _v2 ^ _v3;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Round()
        {
            _v0 += _v1;
            _v1 = BitOperations.RotateLeft(_v1, 13) ^ _v0;
            _v0 = BitOperations.RotateLeft(_v0, 32);
            _v2 += _v3;
            _v3 = BitOperations.RotateLeft(_v3, 16) ^ _v2;
            _v0 += _v3;
            _v3 = BitOperations.RotateLeft(_v3, 21) ^ _v0;
            _v2 += _v1;
            _v1 = BitOperations.RotateLeft(_v1, 17) ^ _v2;
            _v2 = BitOperations.RotateLeft(_v2, 32);
        }
    }
}
