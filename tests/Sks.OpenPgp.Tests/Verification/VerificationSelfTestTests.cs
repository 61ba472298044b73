using Sks.OpenPgp.Verification;

namespace Sks.OpenPgp.Tests.Verification;

public sealed class VerificationSelfTestTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_is_wrong_here(bool isManagedOnly) =>
        Assert.Empty(VerificationSelfTest.Run(isManagedOnly ? Libraries.Managed : Libraries.System));

    [Fact]
    public void Libsodium_checks_the_equation_without_the_cofactor() => Assert.True(Ed25519Library.IsUsable);
}
