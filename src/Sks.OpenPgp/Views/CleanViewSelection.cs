using System.Security.Cryptography;

namespace Sks.OpenPgp;

/// <summary>What a policy keeps of a certificate.</summary>
/// <remarks>
/// Each step depends only on what the steps before have kept, never on what they left out, so that selecting again from the
/// result, or from anything between it and the source, gives the result again.
/// </remarks>
internal sealed class CleanViewSelection
{
    private readonly CertificateExamination _examination;

    public CleanViewSelection(CertificateExamination examination, CleanViewPolicy policy)
    {
        _examination = examination;
        Components = [.. examination.Components.Select(component => new ComponentSelection(component, examination.PrimaryKey, policy))];
        KeepNewest(PacketTag.UserId, policy.MaxUserIds);
        KeepNewest(PacketTag.UserAttribute, policy.MaxAttributes);
        KeepNewest(PacketTag.PublicSubkey, policy.MaxSubkeys);
        HashSet<KeyId> revokers = Components.Any(static component => component.HasRevocationsByOthers) ? ReadRevokers() : [];
        foreach (ComponentSelection component in Components.Where(static component => component.Fate == PacketFate.Kept))
        {
            component.KeepThirdPartySignatures();
            component.KeepDesignatedRevocations(revokers);
        }

        // What was sorted under a component that turned out unproven is left out with it.
        foreach (ComponentSelection component in Components.Where(static component => component.Fate != PacketFate.Kept))
            component.LeaveOut(component.Fate);
    }

    /// <summary>The primary key, then all user IDs, attributes and subkeys in canonical order.</summary>
    public IReadOnlyList<ComponentSelection> Components { get; }

    /// <summary>Whether the certificate's own key has said anything that counts; otherwise there is no clean view.</summary>
    public bool IsProven => Components.Any(static component => component.IsProven);

    /// <summary>The clean view; null when nothing is proven.</summary>
    public Certificate? ToCertificate()
    {
        if (!IsProven)
            return null;
        return new Certificate(
            _examination.PrimaryKey,
            _examination.Identity,
            [.. Components[0].Kept],
            ToComponents(static tag => tag is PacketTag.UserId or PacketTag.UserAttribute),
            ToComponents(static tag => tag is PacketTag.PublicSubkey));
    }

    private List<CertificateComponent> ToComponents(Predicate<PacketTag> belongs) =>
    [
        .. Components
            .Where(component => component.Fate == PacketFate.Kept && belongs(component.Evidence.Tag))
            .Select(static component => new CertificateComponent(component.Evidence.Packet!.Value, [.. component.Kept])),
    ];

    private void KeepNewest(PacketTag tag, int count)
    {
        List<ComponentSelection> competing = [.. Components.Where(component => component.Evidence.Tag == tag && component.IsProven)];
        if (competing.Count <= count)
            return;
        IEnumerable<ComponentSelection> ordered = competing
            .OrderByDescending(static component => component.NewestSelfSignature)
            .ThenBy(static component => Convert.ToHexString(SHA256.HashData(component.Evidence.Packet!.Value.Span)), StringComparer.Ordinal);
        foreach (ComponentSelection component in ordered.Skip(count))
            component.LeaveOut(PacketFate.EnoughComponents);
    }

    private HashSet<KeyId> ReadRevokers() =>
    [
        .. Components
            .Where(static component => component.IsProven)
            .SelectMany(static component => component.Own)
            .SelectMany(static signature => DesignatedRevoker.ReadAll(signature.Claims!, signature.Packet.Span))
            .Select(static revoker => revoker.KeyId),
    ];
}
