namespace Sks.TestSupport;

/// <summary>Real certificates to test with: the keyrings that Debian 12 packages. No certificate is in two of Debian's.</summary>
public static class DebianKeyrings
{
    private const string Folder = "/usr/share/keyrings/";

    /// <summary>Debian's developers: 28 MB, with all third-party signatures.</summary>
    public static Keyring Developers { get; } = new(Folder + "debian-keyring.gpg", 905, "debian-keyring");

    /// <summary>Debian's maintainers.</summary>
    public static Keyring Maintainers { get; } = new(Folder + "debian-maintainers.gpg", 231, "debian-keyring");

    /// <summary>Debian's members who do not upload.</summary>
    public static Keyring NonUploaders { get; } = new(Folder + "debian-nonupload.gpg", 36, "debian-keyring");

    /// <summary>Roles in Debian: the smallest one, 26 kB.</summary>
    public static Keyring Roles { get; } = new(Folder + "debian-role-keys.gpg", 6, "debian-keyring");

    /// <summary>Arch Linux's developers and users. Armored, unlike the others: <c>sks build</c> dies on it.</summary>
    public static Keyring ArchLinux { get; } = new(Folder + "archlinux.gpg", 164, "archlinux-keyring");

    /// <summary>All of Debian's, without Arch Linux's: 1,178 certificates.</summary>
    public static IReadOnlyList<Keyring> Debian { get; } = [Developers, Maintainers, NonUploaders, Roles];
}
