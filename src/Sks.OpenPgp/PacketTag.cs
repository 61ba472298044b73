namespace Sks.OpenPgp;

/// <summary>What a packet is. Source: RFC 9580 section 5, RFC 4880 section 4.3.</summary>
public enum PacketTag : byte
{
    /// <summary>Reserved; never a packet.</summary>
    Reserved = 0,

    /// <summary>A signature over the component it follows.</summary>
    Signature = 2,

    /// <summary>A primary secret key: refused, never stored.</summary>
    SecretKey = 5,

    /// <summary>A primary public key: where a certificate starts.</summary>
    PublicKey = 6,

    /// <summary>A secret subkey: refused, never stored.</summary>
    SecretSubkey = 7,

    /// <summary>Three fixed bytes that readers ignore.</summary>
    Marker = 10,

    /// <summary>Local notes of one implementation, never meant to leave it.</summary>
    Trust = 12,

    /// <summary>Usually a name and an address, by convention UTF-8.</summary>
    UserId = 13,

    /// <summary>A public subkey.</summary>
    PublicSubkey = 14,

    /// <summary>A user attribute, in practice a photo.</summary>
    UserAttribute = 17,

    /// <summary>Bytes that readers ignore (RFC 9580).</summary>
    Padding = 21,
}
