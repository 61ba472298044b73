using System.Buffers.Binary;
using System.Text;

namespace Sks.TestSupport.Signing;

/// <summary>A signature subpacket. Source: RFC 9580 section 5.2.3.7.</summary>
/// <param name="Type">Its number, without the critical bit.</param>
/// <param name="Body">What follows the type.</param>
/// <param name="IsCritical">Whether a reader that does not know it must reject the signature.</param>
public sealed record Subpacket(byte Type, byte[] Body, bool IsCritical = false)
{
    /// <summary>When the signature was made.</summary>
    public static Subpacket CreationTime(uint time) => new(2, Number(time));

    /// <summary>Seconds after which the signature expires.</summary>
    public static Subpacket SignatureExpiration(uint seconds) => new(3, Number(seconds));

    /// <summary>Whether the signature may be passed on.</summary>
    public static Subpacket Exportable(bool value) => new(4, [value ? (byte)1 : (byte)0]);

    /// <summary>Seconds after the key's creation when the key expires.</summary>
    public static Subpacket KeyExpiration(uint seconds) => new(9, Number(seconds));

    /// <summary>Names a key that may revoke this one.</summary>
    /// <param name="revoker">A version 4 key.</param>
    /// <param name="isSensitive">Whether its owner asks not to publish this.</param>
    public static Subpacket RevocationKey(SigningKey revoker, bool isSensitive = false) =>
        new(12, [isSensitive ? (byte)0xC0 : (byte)0x80, (byte)revoker.Algorithm, .. revoker.Fingerprint.Span]);

    /// <summary>Key ID of the signer.</summary>
    public static Subpacket Issuer(SigningKey signer)
    {
        var id = new byte[8];
        signer.KeyId.Write(id);
        return new Subpacket(16, id);
    }

    /// <summary>A note of the signer.</summary>
    public static Subpacket Notation(string name, byte[] value, bool isHumanReadable = true)
    {
        byte[] nameBytes = Encoding.UTF8.GetBytes(name);
        return new Subpacket(
            20,
            [
                isHumanReadable ? (byte)0x80 : (byte)0, 0, 0, 0, (byte)(nameBytes.Length >> 8), (byte)nameBytes.Length,
                (byte)(value.Length >> 8), (byte)value.Length, .. nameBytes, .. value,
            ]);
    }

    /// <summary>Ciphers the owner prefers.</summary>
    public static Subpacket PreferredCiphers(params byte[] algorithms) => new(11, algorithms);

    /// <summary>Hash algorithms the owner prefers.</summary>
    public static Subpacket PreferredHashes(params byte[] algorithms) => new(21, algorithms);

    /// <summary>Compression the owner prefers.</summary>
    public static Subpacket PreferredCompression(params byte[] algorithms) => new(22, algorithms);

    /// <summary>Asks key servers that only the owner may change the certificate.</summary>
    public static Subpacket NoModify() => new(23, [0x80]);

    /// <summary>Where the owner keeps the certificate.</summary>
    public static Subpacket PreferredKeyServer(string address) => new(24, Encoding.UTF8.GetBytes(address));

    /// <summary>Marks the user ID that its owner wants shown first.</summary>
    public static Subpacket PrimaryUserId() => new(25, [1]);

    /// <summary>What the key may do.</summary>
    public static Subpacket KeyFlags(KeyUse use) => new(27, [(byte)use]);

    /// <summary>User ID of the signer.</summary>
    public static Subpacket SignersUserId(string text) => new(28, Encoding.UTF8.GetBytes(text));

    /// <summary>Why something is revoked.</summary>
    /// <param name="code">0, 2: hard; 1, 3, 32: soft.</param>
    /// <param name="text">In words.</param>
    public static Subpacket RevocationReason(byte code, string text = "") => new(29, [code, .. Encoding.UTF8.GetBytes(text)]);

    /// <summary>What the owner's software can do.</summary>
    public static Subpacket Features(byte features) => new(30, [features]);

    /// <summary>A whole signature.</summary>
    /// <param name="signature">Body of its packet.</param>
    public static Subpacket EmbeddedSignature(byte[] signature) => new(32, signature);

    /// <summary>Fingerprint of the signer, behind one byte of its version.</summary>
    public static Subpacket IssuerFingerprint(SigningKey signer) =>
        new(33, [signer.Version, .. signer.Fingerprint.Span]);

    /// <summary>Digests of the certifications that the owner wants distributed.</summary>
    public static Subpacket AttestedCertifications(IEnumerable<byte[]> digests) => new(37, [.. digests.SelectMany(static digest => digest)]);

    /// <summary>It with the critical bit.</summary>
    public Subpacket Critical() => this with { IsCritical = true };

    /// <summary>As it stands in an area: length, type, body.</summary>
    internal byte[] Write()
    {
        int length = Body.Length + 1;
        byte[] head = length switch
        {
            < 192 => [(byte)length],
            < 8384 => [(byte)(((length - 192) >> 8) + 192), (byte)(length - 192)],
            _ => [255, .. Number((uint)length)],
        };
        return [.. head, (byte)(Type | (IsCritical ? 0x80 : 0)), .. Body];
    }

    private static byte[] Number(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
