using System.Buffers;
using System.Buffers.Binary;
using Sks.OpenPgp.Verification;

namespace Sks.OpenPgp;

/// <summary>Puts together what a signature in a certificate was made over, and hashes it.</summary>
/// <remarks>
/// <para>Salt (version 6), primary key, then user ID, attribute or subkey if the signature is about one, then the hashed part of the signature and a
/// trailer (versions 4 and 6). Key and component are written once per component; a signature only adds its own end. One hash over one buffer
/// is faster than feeding pieces. Source: RFC 9580 section 5.2.4, for version 3 RFC 4880 section 5.2.4.</para>
/// <para>Not thread-safe. Rents its buffer: dispose.</para>
/// </remarks>
internal sealed class SignedContent : IDisposable
{
    private const int MaxSaltLength = 32;
    private const int TrailerLength = 6;
    private const byte Version4KeyPrefix = 0x99;
    private const byte Version6KeyPrefix = 0x9B;
    private const byte UserIdPrefix = 0xB4;
    private const byte UserAttributePrefix = 0xD1;
    private const int LongPrefixLength = 5;

    // [room for a salt][primary key][component without its prefix, or with it][end of the signature]
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4096);
    private readonly int _primaryEnd;
    private int _componentEnd;
    private Packet _component;
    private bool _isBare;

    public SignedContent(PublicKeyPacket primaryKey)
    {
        _primaryEnd = AppendKey(MaxSaltLength, primaryKey.Body.Span);
        _componentEnd = _primaryEnd;
    }

    /// <summary>From now on signatures are about this user ID, attribute or subkey; about the primary key alone when null.</summary>
    public void SetComponent(Packet? component)
    {
        _component = component ?? default;
        _isBare = false;
        WriteComponent();
    }

    /// <summary>Hashes what <paramref name="signature"/> was made over.</summary>
    /// <param name="signature">A complete signature.</param>
    /// <param name="body">Its body.</param>
    /// <param name="digest">Receives the hash; at least 64 bytes.</param>
    /// <returns>Length of the hash; 0 when the hash algorithm is not known or the salt does not fit it.</returns>
    public int Hash(SignaturePacket signature, ReadOnlySpan<byte> body, Span<byte> digest)
    {
        int hashLength = SignatureHashes.GetLength(signature.Hash);
        ReadOnlySpan<byte> salt = body[signature.Layout.Salt];
        if (hashLength == 0 || (signature.Version == 6 && salt.Length != SaltLengthOf(signature.Hash)))
            return 0;

        // Version 3 signatures hash user IDs and attributes without a prefix.
        bool bare = signature.Version < 4 && _component.Tag is PacketTag.UserId or PacketTag.UserAttribute;
        if (bare != _isBare)
        {
            _isBare = bare;
            WriteComponent();
        }

        ReadOnlySpan<byte> hashedPart = body[signature.Layout.HashedPart];
        int end = Append(_componentEnd, hashedPart);
        if (signature.Version >= 4)
            end = AppendTrailer(end, signature.Version, hashedPart.Length);
        int start = MaxSaltLength - salt.Length;
        salt.CopyTo(_buffer.AsSpan(start));
        return SignatureHashes.Compute(signature.Hash, _buffer.AsSpan(start, end - start), digest);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    // Source: RFC 9580 section 9.5, table 23. Hashes that are not in it take no version 6 signatures.
    private static int SaltLengthOf(SignatureHash hash) => hash switch
    {
        SignatureHash.Sha224 or SignatureHash.Sha256 or SignatureHash.Sha3Of256 => 16,
        SignatureHash.Sha384 => 24,
        SignatureHash.Sha512 or SignatureHash.Sha3Of512 => 32,
        _ => -1,
    };

    private void WriteComponent()
    {
        ReadOnlySpan<byte> body = _component.Span;
        switch (_component.Tag)
        {
            case PacketTag.PublicSubkey:
                _componentEnd = AppendKey(_primaryEnd, body);
                break;
            case PacketTag.UserId or PacketTag.UserAttribute when _isBare:
                _componentEnd = Append(_primaryEnd, body);
                break;
            case PacketTag.UserId or PacketTag.UserAttribute:
                byte prefix = _component.Tag == PacketTag.UserId ? UserIdPrefix : UserAttributePrefix;
                _componentEnd = Append(AppendLongPrefix(_primaryEnd, prefix, body.Length), body);
                break;
            default:
                _componentEnd = _primaryEnd;
                break;
        }
    }

    private int AppendKey(int at, ReadOnlySpan<byte> body)
    {
        bool isLong = !body.IsEmpty && body[0] == 6;
        ReadOnlySpan<byte> prefix = [Version4KeyPrefix, (byte)(body.Length >> 8), (byte)body.Length];
        return Append(isLong ? AppendLongPrefix(at, Version6KeyPrefix, body.Length) : Append(at, prefix), body);
    }

    private int AppendLongPrefix(int at, byte prefix, int length)
    {
        Span<byte> bytes = stackalloc byte[LongPrefixLength];
        bytes[0] = prefix;
        BinaryPrimitives.WriteInt32BigEndian(bytes[1..], length);
        return Append(at, bytes);
    }

    private int AppendTrailer(int at, byte version, int length)
    {
        Span<byte> bytes = stackalloc byte[TrailerLength];
        bytes[0] = version;
        bytes[1] = 0xFF;
        BinaryPrimitives.WriteInt32BigEndian(bytes[2..], length);
        return Append(at, bytes);
    }

    private int Append(int at, ReadOnlySpan<byte> bytes)
    {
        int end = at + bytes.Length;
        if (end > _buffer.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(end, 2 * _buffer.Length));
            _buffer.AsSpan(0, at).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        bytes.CopyTo(_buffer.AsSpan(at));
        return end;
    }
}
