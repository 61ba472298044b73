using System.Buffers.Binary;
using Sks.OpenPgp;

namespace Sks.TestSupport.Signing;

/// <summary>What a signature is made over: a primary key, alone or with one of its components. Source: RFC 9580 section 5.2.4.</summary>
/// <param name="Primary">Body of the primary key packet.</param>
/// <param name="Tag">What the component is; null for none.</param>
/// <param name="Component">Body of the component's packet.</param>
public sealed record SignedOver(byte[] Primary, PacketTag? Tag = null, byte[]? Component = null)
{
    /// <summary>The bytes that are hashed before the signature's own.</summary>
    /// <param name="signatureVersion">Up to 3, a user ID or attribute has no prefix.</param>
    internal byte[] Write(int signatureVersion)
    {
        byte[] primary = Key(Primary);
        return (Tag, Component) switch
        {
            (null, _) or (_, null) => primary,
            (PacketTag.PublicSubkey or PacketTag.PublicKey, _) => [.. primary, .. Key(Component)],
            _ when signatureVersion < 4 => [.. primary, .. Component],
            (PacketTag.UserId, _) => [.. primary, 0xB4, .. Length(Component), .. Component],
            (PacketTag.UserAttribute, _) => [.. primary, 0xD1, .. Length(Component), .. Component],
            _ => throw new InvalidOperationException($"Nothing signs a packet of tag {Tag}."),
        };
    }

    /// <summary>A key as it is hashed, in a fingerprint or for a signature.</summary>
    internal static byte[] Key(byte[] body) =>
        body[0] < 6 ? [0x99, .. Length(body)[2..], .. body] : [0x9B, .. Length(body), .. body];

    private static byte[] Length(byte[] body)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)body.Length);
        return bytes;
    }
}
