namespace Sks.OpenPgp;

/// <summary>How SKS tidies lists of signatures.</summary>
internal static class SignatureList
{
    /// <summary>Without repetitions, ascending by (length, body): direct signatures.</summary>
    /// <param name="signatures">Sorted in place and returned.</param>
    public static List<Packet> Ascending(List<Packet> signatures)
    {
        signatures.Sort(PacketComparison.ForOutput);
        RemoveRepetitions(signatures);
        return signatures;
    }

    /// <summary>
    /// Without repetitions, descending by (length, body): signatures of a component that came more than once. The digest does
    /// not depend on the direction; this one is what Debian's build of SKS writes.
    /// </summary>
    /// <param name="signatures">Sorted in place and returned.</param>
    public static List<Packet> Descending(List<Packet> signatures)
    {
        List<Packet> sorted = Ascending(signatures);
        sorted.Reverse();
        return sorted;
    }

    private static void RemoveRepetitions(List<Packet> sorted)
    {
        int kept = 0;
        for (int i = 0; i < sorted.Count; i++)
        {
            if (kept == 0 || !sorted[i].SameAs(sorted[kept - 1]))
                sorted[kept++] = sorted[i];
        }

        sorted.RemoveRange(kept, sorted.Count - kept);
    }
}
