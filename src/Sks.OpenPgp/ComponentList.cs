namespace Sks.OpenPgp;

/// <summary>How SKS tidies lists of user IDs, attributes and subkeys.</summary>
internal static class ComponentList
{
    /// <summary>
    /// Ascending by (tag, length, body), equal packets made one. A component that came once keeps its signatures exactly as they
    /// came, repetitions included; one that came several times gets the union. Source: keyMerge.ml; repeated signatures are kept
    /// or dropped accordingly in the vectors "add odd: dup-sig-single-uid" and "dup-uid-and-sigs".
    /// </summary>
    public static List<CertificateComponent> Canonicalise(List<CertificateComponent> components)
    {
        if (components.Count < 2)
            return components;

        // Stable, so that equal packets stay in the order they came and the result depends on nothing else.
        List<CertificateComponent> sorted =
            [.. components.Order(Comparer<CertificateComponent>.Create(static (a, b) => PacketComparison.ForOutput(a.Packet, b.Packet)))];
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

    private static CertificateComponent Unite(List<CertificateComponent> copies) =>
        new(copies[0].Packet, SignatureList.Descending(copies.SelectMany(static copy => copy.Signatures)));
}
