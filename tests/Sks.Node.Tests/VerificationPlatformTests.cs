namespace Sks.Node.Tests;

public class VerificationPlatformTests
{
    [Fact]
    public void This_platform_is_sound() => KeyserverNode.CheckPlatform();

    [Fact]
    public void One_wrong_verdict_is_enough_to_refuse_and_is_named()
    {
        UnsoundPlatformException error = Assert.Throws<UnsoundPlatformException>(() => VerificationPlatform.ThrowIfAny(["ed25519: small order"]));

        Assert.Equal(["ed25519: small order"], error.WrongVectors);
        Assert.Contains("ed25519: small order", error.Message, StringComparison.Ordinal);
    }
}
