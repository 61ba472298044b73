using Sks.OpenPgp;

namespace Sks.Node;

/// <summary>A certificate, or what was new of one, on its way to servers that do not ask for it.</summary>
/// <param name="Sequence">Its place in the queue.</param>
/// <param name="Time">When it was stored.</param>
/// <param name="Fingerprint">Of its primary key.</param>
/// <param name="Packets">The packets that came in and were accepted, without what has been restricted since; empty when nothing may be sent.</param>
/// <param name="Origin">Where it has been; null when a client has sent it.</param>
public sealed record OutgoingCertificate(
    ulong Sequence, DateTimeOffset Time, Fingerprint Fingerprint, ReadOnlyMemory<byte> Packets, MailOrigin? Origin);
