namespace Sks.OpenPgp;

/// <summary>Keeps full views from growing for ever: above the bounds a full view is frozen.</summary>
/// <param name="MaxBytes">Most bytes, headers included.</param>
/// <param name="MaxSignatures">Most signatures.</param>
public sealed record FullViewBounds(int MaxBytes, int MaxSignatures)
{
    // Equal sizes by their bytes: what is chosen must not depend on the order of arrival.
    private static readonly Comparer<Packet> BySize = Comparer<Packet>.Create(static (left, right) =>
        left.Body.Length != right.Body.Length ? left.Body.Length - right.Body.Length : PacketComparison.ForOutput(left, right));

    /// <summary>Whether a full view is within the bounds.</summary>
    public bool Hold(Certificate full) => full.GetLength() <= MaxBytes && CountSignatures(full) <= MaxSignatures;

    /// <summary>Adds to what must be kept the smallest other packets of a version, as long as the bounds hold.</summary>
    /// <param name="required">What must be kept, even above the bounds; null for the primary key alone.</param>
    /// <param name="version">What more there is.</param>
    public Certificate Fill(Certificate? required, Certificate version)
    {
        Certificate kept = required ?? new Certificate(version.PrimaryKey, version.Identity, [], [], []);
        if (!Hold(kept) || new PacketSet(kept).RestOf(version) is not { } rest)
            return kept;

        long bytes = MaxBytes - kept.GetLength();
        int signatures = MaxSignatures - CountSignatures(kept);
        List<Packet> direct = [];
        var components = new Dictionary<CertificateComponent, List<Packet>>(ReferenceEqualityComparer.Instance);
        foreach ((CertificateComponent? component, Packet? signature) in SmallestFirst(rest))
        {
            // A component comes with the first of its packets that is chosen.
            bool isNew = component is not null && !components.ContainsKey(component);
            bytes -= (isNew ? PacketWriter.GetLength(component!.Packet) : 0) + (signature is { } packet ? PacketWriter.GetLength(packet) : 0);
            signatures -= signature is null ? 0 : 1;
            if (bytes < 0 || signatures < 0)
                break;
            if (isNew)
                components.Add(component!, []);
            if (signature is { } chosen)
                (component is null ? direct : components[component]).Add(chosen);
        }

        return CertificateMerger.Merge(kept, new Certificate(
            rest.PrimaryKey, rest.Identity, direct, ToComponents(rest.UserIds, components), ToComponents(rest.Subkeys, components)));
    }

    private static List<CertificateComponent> ToComponents(
        IReadOnlyList<CertificateComponent> all, Dictionary<CertificateComponent, List<Packet>> chosen) =>
        [.. all.Where(chosen.ContainsKey).Select(component => new CertificateComponent(component.Packet, chosen[component]))];

    private static int CountSignatures(Certificate certificate) =>
        certificate.PacketCount - 1 - certificate.UserIds.Count - certificate.Subkeys.Count;

    private static IEnumerable<Candidate> SmallestFirst(Certificate certificate) =>
        certificate.DirectSignatures.Select(static signature => new Candidate(null, signature))
            .Concat(certificate.UserIds.Concat(certificate.Subkeys).SelectMany(static component => component.Signatures
                .Select(signature => new Candidate(component, signature))
                .Prepend(new Candidate(component, null))))
            .OrderBy(static candidate => candidate.Signature ?? candidate.Component!.Packet, BySize);

    // Without a signature: the component itself.
    private readonly record struct Candidate(CertificateComponent? Component, Packet? Signature);
}
