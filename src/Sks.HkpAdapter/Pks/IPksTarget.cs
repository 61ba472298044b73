using Sks.HkpAdapter.Mail;
using Sks.Node;

namespace Sks.HkpAdapter.Pks;

/// <summary>Somebody to send to.</summary>
internal interface IPksTarget : IDisposable
{
    /// <summary>Its name, see <see cref="PksTargetName"/>.</summary>
    string Name { get; }

    /// <summary>How many certificates it takes at once.</summary>
    int MaxCertificates { get; }

    /// <summary>Whether it is among the servers that have seen something.</summary>
    bool HasSeen(MailOrigin origin);

    /// <summary>Sends certificates that come from the same place. When this is over, the other side has them.</summary>
    /// <exception cref="MailRefusedException">These are not welcome and will not be.</exception>
    /// <exception cref="IOException">It has failed, and may not when it is tried again.</exception>
    Task SendAsync(IReadOnlyList<OutgoingCertificate> certificates, CancellationToken cancellationToken);
}
