using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Sks.OpenPgp;

/// <summary>A key's fingerprint: 16 bytes for versions 2 and 3, 20 for version 4, 32 for version 6.</summary>
/// <remarks>Version 2 and 3 fingerprints do not cover the creation time: several certificates may share one.</remarks>
public readonly struct Fingerprint : IEquatable<Fingerprint>
{
    /// <summary>Bytes of a version 2 or 3 fingerprint (MD5).</summary>
    public const int Version3Length = 16;

    /// <summary>Bytes of a version 4 fingerprint (SHA-1).</summary>
    public const int Version4Length = 20;

    /// <summary>Bytes of a version 6 fingerprint (SHA-256).</summary>
    public const int Version6Length = 32;

    private readonly Storage _bytes;
    private readonly byte _length;

    private Fingerprint(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes);
        _length = (byte)bytes.Length;
    }

    /// <summary>How many bytes it has: 16, 20 or 32.</summary>
    public int Length => _length;

    /// <summary>The bytes.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Span => ((ReadOnlySpan<byte>)_bytes)[.._length];

    /// <summary>Whether two fingerprints have the same bytes.</summary>
    public static bool operator ==(Fingerprint left, Fingerprint right) => left.Equals(right);

    /// <summary>Whether two fingerprints differ.</summary>
    public static bool operator !=(Fingerprint left, Fingerprint right) => !left.Equals(right);

    /// <summary>Takes 16, 20 or 32 bytes.</summary>
    public static bool TryCreate(ReadOnlySpan<byte> bytes, out Fingerprint fingerprint)
    {
        bool valid = bytes.Length is Version3Length or Version4Length or Version6Length;
        fingerprint = valid ? new Fingerprint(bytes) : default;
        return valid;
    }

    /// <summary>Reads 32, 40 or 64 hex digits of either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Fingerprint fingerprint)
    {
        Span<byte> bytes = stackalloc byte[Version6Length];
        fingerprint = default;
        return text.Length <= 2 * Version6Length
            && Convert.FromHexString(text, bytes, out _, out int written) == System.Buffers.OperationStatus.Done
            && TryCreate(bytes[..written], out fingerprint);
    }

    /// <inheritdoc/>
    public bool Equals(Fingerprint other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Fingerprint other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>Upper-case hex digits.</summary>
    public override string ToString() => Convert.ToHexString(Span);

    [InlineArray(Version6Length)]
    private struct Storage
    {
        private byte _first;
    }
}
