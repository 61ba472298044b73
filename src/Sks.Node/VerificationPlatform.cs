using Sks.OpenPgp.Verification;

namespace Sks.Node;

/// <summary>Whether signatures verify here as they do everywhere else. Looked at once in the life of a process.</summary>
/// <remarks>Nodes agree on clean views only as long as they agree on verdicts: one that does not must neither serve nor store.</remarks>
internal static class VerificationPlatform
{
    private static readonly Lazy<IReadOnlyList<string>> Wrong = new(VerificationSelfTest.Run);

    /// <summary>Does nothing on a sound platform.</summary>
    /// <exception cref="UnsoundPlatformException">Signatures do not verify here as they should.</exception>
    public static void ThrowIfUnsound() => ThrowIfAny(Wrong.Value);

    /// <summary>Does nothing when there are none.</summary>
    /// <param name="wrongVectors">Names of the signatures with a wrong verdict.</param>
    /// <exception cref="UnsoundPlatformException">There are some.</exception>
    public static void ThrowIfAny(IReadOnlyList<string> wrongVectors)
    {
        if (wrongVectors.Count > 0)
            throw new UnsoundPlatformException(wrongVectors);
    }
}
