namespace Sks.HkpAdapter.Mail;

/// <summary>Why a mail was refused as a whole. The names appear in counters and in what is kept.</summary>
internal static class MailRejection
{
    /// <summary>There is no armored key in it.</summary>
    public const string NoKey = "no-key";

    /// <summary>An armored key whose checksum does not fit.</summary>
    public const string BadChecksum = "bad-checksum";

    /// <summary>An armored key that is not base64.</summary>
    public const string BadArmor = "bad-armor";

    /// <summary>A secret key.</summary>
    public const string SecretKey = "secret-key";

    /// <summary>It is larger than is read.</summary>
    public const string TooLarge = "too-large";

    /// <summary>It has more parts, headers or levels than are read.</summary>
    public const string TooComplex = "too-complex";

    /// <summary>It is no mail.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>Whether a mail refused for this reason must not be kept: secret keys, and what the operator has banned.</summary>
    public static bool IsSensitive(string reason) => reason is SecretKey or "restricted";
}
