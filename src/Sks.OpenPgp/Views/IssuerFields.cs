namespace Sks.OpenPgp;

/// <summary>Looks at every issuer that a signature names, in both areas.</summary>
internal static class IssuerFields
{
    private const int VersionLength = 1;

    /// <summary>Whether one of them is this key.</summary>
    public static bool Name(SignaturePacket claims, ReadOnlySpan<byte> body, KeyId keyId) =>
        Any(claims, body, issuer => issuer == keyId);

    /// <summary>Whether one of them is among these keys.</summary>
    public static bool NameOneOf(SignaturePacket claims, ReadOnlySpan<byte> body, IReadOnlySet<KeyId> keyIds) =>
        Any(claims, body, keyIds.Contains);

    /// <summary>Those that are named, each once, in the order of the signature: the first <paramref name="limit"/> of them.</summary>
    public static IReadOnlyCollection<KeyId> Read(SignaturePacket claims, ReadOnlySpan<byte> body, int limit)
    {
        HashSet<KeyId> issuers = [];
        Any(claims, body, issuer => issuers.Add(issuer) && issuers.Count == limit);
        return issuers;
    }

    /// <summary>Whether there is one, and no two of them are different keys.</summary>
    public static bool Agree(SignaturePacket claims, ReadOnlySpan<byte> body) =>
        claims.Issuer is { } first && !Any(claims, body, issuer => issuer != first);

    /// <summary>Whether there is one, and each names this key to the last byte, so that readers of either field find it.</summary>
    public static bool NameExactly(SignaturePacket claims, ReadOnlySpan<byte> body, PublicKeyPacket key)
    {
        if (claims.Version < 4)
            return claims.Issuer == key.KeyId;

        bool isNamed = false;
        return AreExact(body[claims.Layout.HashedArea], key, ref isNamed)
            && AreExact(body[claims.Layout.UnhashedArea], key, ref isNamed)
            && isNamed;
    }

    private static bool AreExact(ReadOnlySpan<byte> area, PublicKeyPacket key, ref bool isNamed)
    {
        var reader = new SubpacketReader(area);
        while (reader.MoveNext())
        {
            if (reader.Type is not (SubpacketType.Issuer or SubpacketType.IssuerFingerprint))
                continue;
            if (!IsExact(reader, key))
                return false;
            isNamed = true;
        }

        return true;
    }

    private static bool IsExact(in SubpacketReader subpacket, PublicKeyPacket key)
    {
        ReadOnlySpan<byte> content = subpacket.Content;
        return subpacket.Type == SubpacketType.Issuer
            ? content.Length == KeyId.Length && KeyId.Read(content) == key.KeyId
            : !content.IsEmpty && content[0] == key.Version && content[VersionLength..].SequenceEqual(key.Fingerprint.Span);
    }

    private static bool Any(SignaturePacket claims, ReadOnlySpan<byte> body, Predicate<KeyId> isWanted)
    {
        if (claims.Version < 4)
            return claims.Issuer is { } issuer && isWanted(issuer);
        return Any(body[claims.Layout.HashedArea], isWanted) || Any(body[claims.Layout.UnhashedArea], isWanted);
    }

    private static bool Any(ReadOnlySpan<byte> area, Predicate<KeyId> isWanted)
    {
        var reader = new SubpacketReader(area);
        while (reader.MoveNext())
        {
            if (SignaturePacket.ReadIssuerOf(reader) is { } issuer && isWanted(issuer))
                return true;
        }

        return false;
    }
}
