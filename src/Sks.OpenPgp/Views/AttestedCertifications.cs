using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
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

    /// <summary>Chooses for each attested certification the one variant that takes its place.</summary>
    /// <remarks>The digests leave out the unhashed area, which anybody can write: whoever attests one packet attests all its variants.</remarks>
    /// <returns>Indexes of the chosen ones.</returns>
    public HashSet<int> ChooseFrom(IReadOnlyList<SignatureEvidence> signatures, IEnumerable<int> indexes)
    {
        var best = new Dictionary<ReadOnlyMemory<byte>, int>(BytesComparer.Instance);
        foreach (int index in indexes)
        {
            if (KeyOf(signatures[index]) is not { } key)
                continue;
            if (!best.TryGetValue(key, out int other) || Compare(signatures[index], signatures[other]) < 0)
                best[key] = index;
        }

        return [.. best.Values];
    }

    private static int Compare(SignatureEvidence left, SignatureEvidence right)
    {
        int byDefects = HasDefects(left).CompareTo(HasDefects(right));
        return byDefects != 0 ? byDefects : PacketComparison.ForOutput(left.Packet, right.Packet);
    }

    private static bool HasDefects(SignatureEvidence signature) =>
        !IssuerFields.Agree(signature.Claims!, signature.Packet.Span) || UnhashedArea.IsHarmful(signature.Claims!, signature.Packet.Span);

    // The same for all variants; null when it is not attested.
    private byte[]? KeyOf(SignatureEvidence certification)
    {
        SignaturePacket claims = certification.Claims!;
        if (claims.Version < 4)
            return null; // has no areas, and no digest was ever defined for it

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
        byte[]? key = isAttested ? SHA256.HashData(content) : null;
        ArrayPool<byte>.Shared.Return(buffer);
        return key;
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
