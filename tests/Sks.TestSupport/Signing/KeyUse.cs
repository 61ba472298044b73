namespace Sks.TestSupport.Signing;

/// <summary>What a key may do: first byte of the key flags. Source: RFC 9580 section 5.2.3.29.</summary>
[Flags]
public enum KeyUse : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Certify other keys.</summary>
    Certify = 0x01,

    /// <summary>Sign data.</summary>
    Sign = 0x02,

    /// <summary>Encrypt what is sent.</summary>
    EncryptCommunications = 0x04,

    /// <summary>Encrypt what is kept.</summary>
    EncryptStorage = 0x08,

    /// <summary>Encrypt anything.</summary>
    Encrypt = EncryptCommunications | EncryptStorage,

    /// <summary>Log in.</summary>
    Authenticate = 0x20,
}
