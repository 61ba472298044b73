namespace Sks.OpenPgp;

/// <summary>Tells variants of proven signatures apart from different signatures, and finds the best of each.</summary>
/// <remarks>
/// A proven signature is known by what its maker hashed. Everything else in the packet can be changed by anybody on the way: the
/// unhashed area, how integers are written, in ECDSA even their value. A variant has a defect if readers might reject it or not find its
/// maker; such a one loses to one without. So does the malice that makes a signature smaller than its maker did.
/// </remarks>
internal sealed class SignatureVariants(PublicKeyPacket owner, int maxUnhashedBytes)
{
    private readonly Dictionary<ReadOnlyMemory<byte>, (SignatureEvidence Signature, int Index)> _best = new(BytesComparer.Instance);

    /// <summary>Takes one more.</summary>
    /// <param name="signature">A proven signature.</param>
    /// <param name="index">What the caller knows it by.</param>
    /// <returns>Index of the variant that loses to another one now, or null.</returns>
    public int? Add(SignatureEvidence signature, int index)
    {
        ReadOnlyMemory<byte> key = KeyOf(signature);
        if (!_best.TryGetValue(key, out (SignatureEvidence Signature, int Index) best))
        {
            _best.Add(key, (signature, index));
            return null;
        }

        if (Compare(best.Signature, signature) <= 0)
            return index;
        _best[key] = (signature, index);
        return best.Index;
    }

    /// <summary>What tells the signature from others: the same for all its variants.</summary>
    public static ReadOnlyMemory<byte> KeyOf(SignatureEvidence signature)
    {
        SignaturePacket claims = signature.Claims!;
        ReadOnlyMemory<byte> hashedPart = signature.Packet.Body[claims.Layout.HashedPart];

        // What version 3 signs does not say by which hash.
        return claims.Version >= 4 ? hashedPart : (byte[])[.. hashedPart.Span, (byte)claims.Hash];
    }

    private int Compare(SignatureEvidence left, SignatureEvidence right)
    {
        int byDefects = HasDefects(left).CompareTo(HasDefects(right));
        return byDefects != 0 ? byDefects : PacketComparison.ForOutput(left.Packet, right.Packet);
    }

    private bool HasDefects(SignatureEvidence signature)
    {
        SignaturePacket claims = signature.Claims!;
        ReadOnlySpan<byte> body = signature.Packet.Span;
        return signature.Verdict.HasFlag(PacketVerdict.NotCanonical)
            || body[claims.Layout.UnhashedArea].Length > maxUnhashedBytes
            || !IssuerFields.NameExactly(claims, body, owner)
            || UnhashedArea.IsHarmful(claims, body);
    }
}
