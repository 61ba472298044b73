using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>What waits to be sent on.</summary>
/// <param name="Sequence">The change that it came with.</param>
/// <param name="Time">When that was committed.</param>
/// <param name="Identity">Which certificate.</param>
/// <param name="Content">What is sent.</param>
public sealed record OutboxEntry(ulong Sequence, DateTimeOffset Time, CertificateIdentity Identity, OutboxContent Content);
