namespace Sks.OpenPgp;

/// <summary>How SKS tidies lists of user IDs, attributes and subkeys.</summary>
internal static class ComponentList
{
    // Stable, as LINQ's sort is: the result depends on the order of equal packets nowhere, but tests like it repeatable.
    private static readonly Comparer<CertificateComponent> OutputOrder =
        Comparer<CertificateComponent>.Create(static (a, b) => PacketComparison.ForOutput(a.Packet, b.Packet));

    /// <summary>
    /// Ascending by (tag, length, body), equal packets made one. A component that came once keeps its signatures exactly as they
    /// came, repetitions included; one that came several times gets the union. Source: keyMerge.ml; repeated signatures are kept
    /// or dropped accordingly in the vectors "add odd: dup-sig-single-uid" and "dup-uid-and-sigs". SKS turns the first kind of list
    /// around each time it reads it; not so here, that stored bytes read and write alike. The digest does not see the difference.
    /// </summary>
    public static List<CertificateComponent> Canonicalise(List<CertificateComponent> components)
    {
        if (IsStrictlyAscending(components))
            return components;

        List<CertificateComponent> sorted = [.. components.Order(OutputOrder)];
        var result = new List<CertificateComponent>(sorted.Count);
        for (int start = 0; start < sorted.Count;)
        {
            int end = start + 1;
            while (end < sorted.Count && sorted[end].Packet.SameAs(sorted[start].Packet))
                end++;
            result.Add(end == start + 1 ? sorted[start] : Unite(sorted.GetRange(start, end - start)));
            start = end;
        }

        return result;
    }

    private static bool IsStrictlyAscending(List<CertificateComponent> components)
    {
        for (int i = 1; i < components.Count; i++)
        {
            if (PacketComparison.ForOutput(components[i - 1].Packet, components[i].Packet) >= 0)
                return false;
        }

        return true;
    }

    private static CertificateComponent Unite(List<CertificateComponent> copies) =>
        new(copies[0].Packet, SignatureList.Descending([.. copies.SelectMany(static copy => copy.Signatures)]));
}
