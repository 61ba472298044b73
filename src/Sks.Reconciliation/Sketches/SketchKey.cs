using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sks.Reconciliation.Sketches;

/// <summary>The secret of a link, which decides where in a sketch an element goes. Known to the two ends of the link only.</summary>
/// <remarks>Who knows it can choose elements that never decode; under another key the same elements are as good as any.</remarks>
public sealed class SketchKey
{
    /// <summary>Bytes of a secret.</summary>
    public const int SecretLength = 32;

    private readonly byte[] _secret;

    private SketchKey(ReadOnlySpan<byte> secret)
    {
        _secret = secret.ToArray();
        Tags = Derive("sks sketch 1 tag"u8);
        Places = Derive("sks sketch 1 place"u8);
        Fingerprints = Derive("sks sketch 1 fingerprint"u8);
        Saved = Derive("sks sketch 1 saved"u8);
    }

    /// <summary>Makes tags of whole digests: K1 of docs/sketch.md.</summary>
    internal SipKey Tags { get; }

    /// <summary>Makes checks and places of symbols: K2.</summary>
    internal SipKey Places { get; }

    /// <summary>Makes fingerprints of sets: K3.</summary>
    internal SipKey Fingerprints { get; }

    /// <summary>Makes the check of a saved sketch.</summary>
    internal SipKey Saved { get; }

    /// <summary>The key that follows from a secret.</summary>
    /// <param name="secret"><see cref="SecretLength"/> bytes.</param>
    public static SketchKey Of(ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, SecretLength);
        return new SketchKey(secret);
    }

    /// <summary>The key of the cells of one bucket in one exchange, so that elements that do not decode by one key do so by another.</summary>
    /// <param name="initiator">Fingerprint of the initiator's set.</param>
    /// <param name="responder">Fingerprint of the responder's set.</param>
    /// <param name="bucket">Number of the bucket.</param>
    internal SketchKey ForBucket(UInt128 initiator, UInt128 responder, int bucket)
    {
        ReadOnlySpan<byte> name = "sks sketch 1 bucket"u8;
        Span<byte> info = stackalloc byte[name.Length + 34];
        name.CopyTo(info);
        BinaryPrimitives.WriteUInt128BigEndian(info[name.Length..], initiator);
        BinaryPrimitives.WriteUInt128BigEndian(info[(name.Length + 16)..], responder);
        BinaryPrimitives.WriteUInt16BigEndian(info[(name.Length + 32)..], checked((ushort)bucket));
        Span<byte> secret = stackalloc byte[SecretLength];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, secret, [], info);
        return new SketchKey(secret);
    }

    private SipKey Derive(ReadOnlySpan<byte> info)
    {
        Span<byte> key = stackalloc byte[SipKey.Length];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, key, [], info);
        return SipKey.Read(key);
    }
}
