namespace Sks.OpenPgp;

/// <summary>Bounds on what is read; checked before anything is allocated for it.</summary>
public sealed record OpenPgpLimits
{
    /// <summary>The defaults.</summary>
    public static OpenPgpLimits Default { get; } = new();

    /// <summary>No bounds: for what was checked before it was stored.</summary>
    public static OpenPgpLimits Unlimited { get; } = new()
    {
        MaxPacketBytes = int.MaxValue,
        MaxCertificateBytes = int.MaxValue,
        MaxPackets = int.MaxValue,
    };

    /// <summary>Largest packet body in bytes. Default: 4 MiB; photos on the network stay far below.</summary>
    public int MaxPacketBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// Largest certificate in bytes, headers included. Default: 64 MiB; the largest of Debian's keyring has 0.4 MiB, flooded ones had 40.
    /// </summary>
    public int MaxCertificateBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Most packets in one certificate. Default: 200,000; the worst flooded certificates of 2019 had about 150,000.</summary>
    public int MaxPackets { get; init; } = 200_000;
}
