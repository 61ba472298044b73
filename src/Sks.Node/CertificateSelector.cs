using Sks.OpenPgp;

namespace Sks.Node;

/// <summary>What to look for: one of the nested cases.</summary>
public abstract record CertificateSelector
{
    private CertificateSelector()
    {
    }

    /// <summary>Certificates whose primary key has the fingerprint; where there are none, those with such a subkey.</summary>
    public sealed record ByFingerprint(Fingerprint Fingerprint) : CertificateSelector;

    /// <summary>Certificates whose primary key has the key ID; where there are none, those with such a subkey.</summary>
    public sealed record ByKeyId(KeyId KeyId) : CertificateSelector;

    /// <summary>The certificate with this digest of its full view.</summary>
    public sealed record ByDigest(SksDigest Digest) : CertificateSelector;

    /// <summary>Certificates with this user ID or e-mail address, whatever the case.</summary>
    public sealed record ByIdentity(string Identity) : CertificateSelector;

    /// <summary>Certificates whose user IDs hold all words of the text, cut as SKS does. Bytes, because queries may not be UTF-8.</summary>
    public sealed record ByWords(ReadOnlyMemory<byte> Text) : CertificateSelector;
}
