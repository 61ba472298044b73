using NSec.Cryptography;

namespace Sks.OpenPgp.Verification;

/// <summary>Whether the libsodium at hand can be used: it loads, and its equation is the one without the cofactor.</summary>
/// <remarks>
/// libsodium comes with us for the usual platforms, but there are others, and a system may put its own in the way. It is asked once,
/// with two cases of ed25519-speccheck: one holds without the cofactor, the other only with it.
/// </remarks>
internal static class Ed25519Library
{
    /// <summary>False where <see cref="Ed25519Arithmetic"/> has to do.</summary>
    public static bool IsUsable { get; } = Probe();

    private static bool Probe()
    {
        byte[] key = Convert.FromHexString("cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d");
        byte[] firstMessage = Convert.FromHexString("9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79");
        byte[] first = Convert.FromHexString(
            "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009");
        byte[] secondMessage = Convert.FromHexString("e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c");
        byte[] second = Convert.FromHexString(
            "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed5125ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09");
        try
        {
            var algorithm = SignatureAlgorithm.Ed25519;
            PublicKey imported = PublicKey.Import(algorithm, key, KeyBlobFormat.RawPublicKey);
            return algorithm.Verify(imported, firstMessage, first) && !algorithm.Verify(imported, secondMessage, second);
        }
        catch (Exception exception) when (exception is TypeInitializationException or DllNotFoundException
            or EntryPointNotFoundException or BadImageFormatException or PlatformNotSupportedException or InvalidOperationException)
        {
            return false;
        }
    }
}
