using System.Buffers;
using System.Buffers.Binary;
using Sks.OpenPgp.Verification;

namespace Sks.OpenPgp;

/// <summary>The third-party certifications that an owner wants distributed.</summary>
/// <remarks>
/// A signature of type 0x16 lists them by digest, with its own hash algorithm, over 0x88, the length of the certification (32-bit
/// big-endian) and the certification with its unhashed area emptied. Source: draft-dkg-openpgp-1pa3pc, RFC 9580 section 5.2.4.
/// </remarks>
internal sealed class AttestedCertifications
{
    private const byte SignaturePrefix = 0x88;
    private const int PrefixLength = 5;
    private const int MaxDigestLength = 64;

    private readonly HashSet<ReadOnlyMemory<byte>> _digests = new(BytesComparer.Instance);
    private readonly HashSet<SignatureHash> _hashes = [];

    private AttestedCertifications()
    {
    }

    /// <summary>Whether nothing is attested.</summary>
    public bool IsEmpty => _digests.Count == 0;

    /// <summary>Reads the attestations among the signatures of an owner.</summary>
    public static AttestedCertifications Read(IEnumerable<SignatureEvidence> own)
    {
        var attested = new AttestedCertifications();
        foreach (SignatureEvidence signature in own)
        {
            if (signature.Claims is { Type: SignatureType.Attestation } claims)
                attested.Add(claims, signature.Packet.Body[claims.Layout.HashedArea]);
        }

        return attested;
    }

    /// <summary>Whether a certification is attested.</summary>
    public bool Contain(SignatureEvidence certification)
    {
        SignaturePacket claims = certification.Claims!;
        if (claims.Version < 4)
            return false; // has no areas, and no digest was ever defined for it

        ReadOnlySpan<byte> body = certification.Packet.Span;
        ReadOnlySpan<byte> unhashed = body[claims.Layout.UnhashedArea];
        int unhashedStart = claims.Layout.UnhashedArea.Start.Value;
        int lengthOfLength = claims.Version == 4 ? 2 : 4;
        int length = body.Length - unhashed.Length;

        byte[] buffer = ArrayPool<byte>.Shared.Rent(PrefixLength + length);
        Span<byte> content = buffer.AsSpan(0, PrefixLength + length);
        content[0] = SignaturePrefix;
        BinaryPrimitives.WriteInt32BigEndian(content[1..], length);
        body[..unhashedStart].CopyTo(content[PrefixLength..]);
        content.Slice(PrefixLength + unhashedStart - lengthOfLength, lengthOfLength).Clear();
        body[(unhashedStart + unhashed.Length)..].CopyTo(content[(PrefixLength + unhashedStart)..]);

        bool isAttested = false;
        var digest = new byte[MaxDigestLength];
        foreach (SignatureHash hash in _hashes)
            isAttested |= _digests.Contains(digest.AsMemory(0, SignatureHashes.Compute(hash, content, digest)));
        ArrayPool<byte>.Shared.Return(buffer);
        return isAttested;
    }

    private void Add(SignaturePacket attestation, ReadOnlyMemory<byte> hashedArea)
    {
        int length = SignatureHashes.GetLength(attestation.Hash);
        var reader = new SubpacketReader(hashedArea.Span);
        while (reader.MoveNext())
        {
            if (reader.Type != SubpacketType.AttestedCertifications || reader.Content.Length % length != 0)
                continue;
            _hashes.Add(attestation.Hash);
            for (int at = 0; at < reader.Content.Length; at += length)
                _digests.Add(reader.Content.Slice(at, length).ToArray());
        }
    }
}
