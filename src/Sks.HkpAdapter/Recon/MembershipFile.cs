using System.Text;

namespace Sks.HkpAdapter.Recon;

/// <summary>SKS's list of peers: <c>host port</c> on each line, <c>#</c> begins a comment anywhere, blank lines say nothing.</summary>
/// <remarks>
/// As SKS, it takes a service name for a port and passes over what follows the port, but for <c>profile=NAME</c>: the dialect that the peer speaks. Unlike SKS, it takes lines that begin with blanks, and refuses
/// ports that are none (SKS takes 99999 for 34463).
/// </remarks>
internal static class MembershipFile
{
    /// <summary>Largest file that is read, in bytes.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Reads the file.</summary>
    /// <exception cref="IOException">It is missing, too large or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static async Task<MembershipLines> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length > MaxBytes)
            throw new IOException($"{path} is larger than {MaxBytes} bytes");
        byte[] bytes = new byte[stream.Length];
        int length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return Parse(Encoding.UTF8.GetString(bytes, 0, length));
    }

    /// <summary>Reads lines.</summary>
    public static MembershipLines Parse(string text)
    {
        List<ReconPeer> peers = [];
        List<int> malformed = [];
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            string[] words = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
                continue;
            if (words.Length > 1 && ReconPeer.TryCreate(words[0], words[1], out ReconPeer? peer) && WithOptions(peer, words[2..]) is { } whole)
                peers.Add(whole);
            else
                malformed.Add(number);
        }

        return new MembershipLines(peers, malformed);
    }

    // Null when a dialect is named that is not known: the peer must not be taken for an SKS server then.
    private static ReconPeer? WithOptions(ReconPeer peer, IEnumerable<string> words)
    {
        ReconPeer? whole = peer;
        foreach (string word in words.Where(static word => word.StartsWith("profile=", StringComparison.Ordinal)))
            whole = whole?.WithOption(word);
        return whole;
    }
}

/// <summary>What a membership file says.</summary>
/// <param name="Peers">Its peers, in its order.</param>
/// <param name="Malformed">Numbers of the lines that name none, from 1.</param>
internal sealed record MembershipLines(IReadOnlyList<ReconPeer> Peers, IReadOnlyList<int> Malformed);
