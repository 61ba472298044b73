namespace Sks.OpenPgp;

/// <summary>When keys expire.</summary>
internal static class KeyExpiry
{
    private const int SecondsPerDay = 86_400;

    /// <summary>When a key expires, in seconds since 1970; null for never.</summary>
    /// <param name="key">Versions 2 and 3 say so themselves.</param>
    /// <param name="statement">What the owner said last; a statement that names no time takes back an earlier one that did.</param>
    public static long? Of(PublicKeyPacket key, SignaturePacket? statement)
    {
        if (key.Version < 4)
            return key.ValidityDays == 0 ? null : key.CreationTime + ((long)key.ValidityDays * SecondsPerDay);
        return statement?.KeyExpiresAfter is > 0 and uint seconds ? (long)key.CreationTime + seconds : null;
    }
}
