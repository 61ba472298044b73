using Sks.TestSupport.Signing;

namespace Sks.Node.Tests;

/// <summary>Certificates with real signatures, and their way into a node.</summary>
internal static class SignedCertificates
{
    /// <summary>A primary key without anything else; another one for each seed.</summary>
    public static SignedCertificate Begin(int seed) => new(new SigningKey(seed));

    /// <summary>Two user IDs and a subkey.</summary>
    public static SignedCertificate Ordinary(int seed) => Begin(seed)
        .UserId($"Number {seed} <number.{seed}@example.org>").Certify()
        .UserId($"Other {seed} <other.{seed}@example.org>").Certify()
        .Subkey(new SigningKey(~seed), KeyUse.Authenticate);

    /// <summary>Submits certificates, and says which results they had.</summary>
    public static async Task<List<SubmissionResult>> SubmitSignedAsync(this TestNode test, params IEnumerable<SignedCertificate> certificates)
    {
        byte[] body = [.. certificates.SelectMany(static certificate => certificate.Build())];
        return [.. (await test.SubmitAsync(body)).Select(static outcome => outcome.Result)];
    }
}
