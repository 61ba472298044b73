namespace Sks.OpenPgp;

/// <summary>What differs between dialects, and what they have in common.</summary>
/// <param name="KnowsRfc9980">Whether the algorithms of RFC 9980 are known, with their rules.</param>
/// <param name="MaxSignatureBytes">Largest signature, in bytes of its body.</param>
internal sealed record DialectRules(bool KnowsRfc9980, int MaxSignatureBytes)
{
    /// <summary>Largest packet that is no signature, in bytes of its body. A local setting there, which this is the default of.</summary>
    public const int MaxPacketBytes = 8192;

    /// <summary>Most bytes of the bodies of all packets that are not too large. A local setting there, which this is the default of.</summary>
    public const int MaxCertificateBytes = 1 << 20;

    /// <summary>See <see cref="Dialect.RulesVersion"/>.</summary>
    public byte Version { get; } = 1;

    /// <summary>Whether a packet is too large to be looked at.</summary>
    public bool IsTooLarge(in Packet packet) =>
        packet.Body.Length > (packet.Tag == PacketTag.Signature ? MaxSignatureBytes : MaxPacketBytes);
}
