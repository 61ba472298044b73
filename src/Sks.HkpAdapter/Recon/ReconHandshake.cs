using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Sks.HkpAdapter.Recon;

/// <summary>What both sides say to each other before a session: a map of settings each, and then what each thinks of the other's.</summary>
/// <remarks>
/// The map is a frame (32-bit big-endian length, the byte 10, a count and that many pairs of strings with their lengths), a verdict is bare strings:
/// <c>passed</c>, or <c>failed</c> and a reason. Rules and their order are SKS's, with one more at the end: SKS passes a peer without an HKP port and then
/// fails at once; here it is told. Source: SKS as seen on
/// the wire.
/// </remarks>
internal static class ReconHandshake
{
    /// <summary>Most bytes of a map: 64 KiB. SKS's has 130.</summary>
    public const int MaxConfigurationBytes = 64 * 1024;

    /// <summary>Most bytes of a reason: 16 KiB. It lists filters.</summary>
    public const int MaxReasonBytes = 16 * 1024;

    private const byte ConfigurationCode = 10;
    private const string Passed = "passed";
    private const string Failed = "failed";
    private const string MissingEntry = "Missing entry in configdata";
    private const string UnusableEntry = "Error parsing configdata: ";
    private const int MaxShownCharacters = 512;

    private static readonly Version MinVersion = new(0, 1, 5);

    /// <summary>Writes the map of settings; keys ascend.</summary>
    /// <returns>How many bytes it took.</returns>
    public static int WriteConfiguration(IBufferWriter<byte> output, ReconConfiguration configuration)
    {
        var body = new ArrayBufferWriter<byte>();
        body.Write([ConfigurationCode]);
        WriteInteger(body, 5);
        WriteString(body, "bitquantum");
        WriteNumberEntry(body, configuration.BitQuantum);
        WriteString(body, "filters");
        WriteString(body, string.Join(',', configuration.Filters));
        WriteString(body, "http port");
        WriteNumberEntry(body, configuration.HttpPort);
        WriteString(body, "mbar");
        WriteNumberEntry(body, configuration.Mbar);
        WriteString(body, "version");
        WriteString(body, configuration.Version);

        WriteInteger(output, body.WrittenCount);
        output.Write(body.WrittenSpan);
        return sizeof(uint) + body.WrittenCount;
    }

    /// <summary>Reads a map of settings. Of a key that occurs more than once the last value counts; bytes behind the map are ignored.</summary>
    /// <returns>Done; NeedMoreData; or InvalidData when it is no such map. Except for the first, the reader stays where it was.</returns>
    public static OperationStatus TryReadConfiguration(ref SequenceReader<byte> reader, out IReadOnlyDictionary<string, byte[]>? settings)
    {
        settings = null;
        SequenceReader<byte> probe = reader;
        if (!TryReadInteger(ref probe, out uint length))
            return OperationStatus.NeedMoreData;
        if (length is 0 or > MaxConfigurationBytes)
            return OperationStatus.InvalidData;
        if (!probe.TryPeek(out byte code))
            return OperationStatus.NeedMoreData;
        if (code != ConfigurationCode)
            return OperationStatus.InvalidData;
        if (probe.Remaining < length)
            return OperationStatus.NeedMoreData;

        var body = new SequenceReader<byte>(probe.UnreadSequence.Slice(1, length - 1));
        probe.Advance(length);
        if (!TryReadInteger(ref body, out uint count))
            return OperationStatus.InvalidData;
        var map = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        for (uint i = 0; i < count; i++)
        {
            if (TryReadString(ref body, MaxConfigurationBytes, out byte[]? key) != OperationStatus.Done
                || TryReadString(ref body, MaxConfigurationBytes, out byte[]? value) != OperationStatus.Done)
            {
                return OperationStatus.InvalidData;
            }

            map[Encoding.Latin1.GetString(key!)] = value!;
        }

        settings = map;
        reader = probe;
        return OperationStatus.Done;
    }

    /// <summary>Judges the other side's settings.</summary>
    /// <param name="own">What this side announced.</param>
    /// <param name="settings">What the other side announced.</param>
    /// <param name="remote">The other side's settings when they pass.</param>
    /// <param name="reason">Why they do not, in the words that peers use.</param>
    public static bool TryAccept(
        ReconConfiguration own,
        IReadOnlyDictionary<string, byte[]> settings,
        [NotNullWhen(true)] out ReconConfiguration? remote,
        [NotNullWhen(false)] out string? reason)
    {
        remote = null;
        IReadOnlyList<string> filters = [];
        int port = 0;
        reason = RejectVersion(own, settings, out string version)
            ?? RejectFilters(own.Filters, settings, out filters)
            ?? RejectNumber("bitquantum", own.BitQuantum, settings)
            ?? RejectNumber("mbar", own.Mbar, settings)
            ?? RejectPort(settings, out port)
            ?? own.Busy;
        if (reason is null)
            remote = new ReconConfiguration(filters, port, own.Mbar, own.BitQuantum, version);
        return remote is not null;
    }

    /// <summary>Writes a verdict.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="reason">Why the other side's settings do not pass; null when they do.</param>
    /// <returns>How many bytes it took.</returns>
    public static int WriteVerdict(IBufferWriter<byte> output, string? reason) => reason is null
        ? WriteString(output, Passed)
        : WriteString(output, Failed) + WriteString(output, reason);

    /// <summary>Reads a verdict.</summary>
    /// <param name="reader">Where from; stays where it was unless the answer is Done.</param>
    /// <param name="reason">Why this side's settings do not pass, shortened for people; null when they do.</param>
    /// <returns>Done; NeedMoreData; or InvalidData when it is neither of the two words, or a reason that is too long.</returns>
    public static OperationStatus TryReadVerdict(ref SequenceReader<byte> reader, out string? reason)
    {
        reason = null;
        SequenceReader<byte> probe = reader;
        OperationStatus status = TryReadString(ref probe, Passed.Length, out byte[]? word);
        if (status != OperationStatus.Done)
            return status;

        switch (Encoding.Latin1.GetString(word!))
        {
            case Passed:
                break;
            case Failed:
                status = TryReadString(ref probe, MaxReasonBytes, out byte[]? text);
                if (status != OperationStatus.Done)
                    return status;
                reason = Show(Encoding.Latin1.GetString(text!));
                break;
            default:
                return OperationStatus.InvalidData;
        }

        reader = probe;
        return OperationStatus.Done;
    }

    /// <summary>The filters that a peer announced; null when it did not.</summary>
    public static IReadOnlyList<string>? ReadFilters(IReadOnlyDictionary<string, byte[]> settings) =>
        settings.TryGetValue("filters", out byte[]? value) ? ReconConfiguration.ParseFilters(Encoding.Latin1.GetString(value)) : null;

    /// <summary>Makes a text of a peer fit for logs and pages: one line of visible ASCII, not long.</summary>
    public static string Show(string text) =>
        new([.. Shorten(text).Select(static character => character is >= ' ' and <= '~' ? character : ' ')]);

    private static string? RejectVersion(ReconConfiguration own, IReadOnlyDictionary<string, byte[]> settings, out string version)
    {
        version = "";
        if (!settings.TryGetValue("version", out byte[]? value))
            return MissingEntry;

        version = Show(Encoding.Latin1.GetString(value));
        if (own.IsVersionExact)
            return version == own.Version ? null : "mismatched protocol version";
        string[] parts = version.Split('.');
        int[] numbers = new int[3];
        bool isReadable = parts.Length == numbers.Length;
        for (int i = 0; isReadable && i < numbers.Length; i++)
            isReadable = int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]);
        if (!isReadable)
            return UnusableEntry + "version is not three numbers";

        return new Version(numbers[0], numbers[1], numbers[2]) < MinVersion
            ? $"Requires version at least {MinVersion}.  {version} provided "
            : null;
    }

    private static string? RejectFilters(
        IReadOnlyList<string> own, IReadOnlyDictionary<string, byte[]> settings, out IReadOnlyList<string> filters)
    {
        filters = [];
        if (!settings.TryGetValue("filters", out byte[]? value))
            return MissingEntry;

        filters = ReconConfiguration.ParseFilters(Encoding.Latin1.GetString(value));
        return own.ToHashSet(StringComparer.Ordinal).SetEquals(filters)
            ? null
            : $"filters do not match.\n\tlocal filters: {Bracket(own)}\n\tremote filters: {Bracket(filters)}";
    }

    private static string? RejectNumber(string key, int own, IReadOnlyDictionary<string, byte[]> settings)
    {
        if (!settings.TryGetValue(key, out byte[]? value))
            return MissingEntry;
        if (value.Length < sizeof(uint))
            return UnusableEntry + $"{key} is shorter than four bytes";

        return BinaryPrimitives.ReadUInt32BigEndian(value) == (uint)own ? null : $"{key} values do not match";
    }

    private static string? RejectPort(IReadOnlyDictionary<string, byte[]> settings, out int port)
    {
        port = 0;
        if (!settings.TryGetValue("http port", out byte[]? value))
            return MissingEntry;
        if (value.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32BigEndian(value) is 0 or > ushort.MaxValue)
            return UnusableEntry + "http port is no port";

        port = BinaryPrimitives.ReadInt32BigEndian(value);
        return null;
    }

    private static string Bracket(IReadOnlyList<string> filters) =>
        filters.Count == 0 ? "[ ]" : $"[ {Shorten(string.Join(' ', filters))} ]";

    private static string Shorten(string text) => text.Length <= MaxShownCharacters ? text : text[..MaxShownCharacters];

    private static void WriteNumberEntry(IBufferWriter<byte> output, int number)
    {
        WriteInteger(output, sizeof(uint));
        WriteInteger(output, number);
    }

    private static void WriteInteger(IBufferWriter<byte> output, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(sizeof(uint)), value);
        output.Advance(sizeof(uint));
    }

    private static int WriteString(IBufferWriter<byte> output, string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        WriteInteger(output, bytes.Length);
        output.Write(bytes);
        return sizeof(uint) + bytes.Length;
    }

    private static OperationStatus TryReadString(ref SequenceReader<byte> reader, int maxBytes, out byte[]? text)
    {
        text = null;
        SequenceReader<byte> probe = reader;
        if (!TryReadInteger(ref probe, out uint length))
            return OperationStatus.NeedMoreData;
        if (length > maxBytes)
            return OperationStatus.InvalidData;
        if (probe.Remaining < length)
            return OperationStatus.NeedMoreData;

        text = probe.UnreadSequence.Slice(0, length).ToArray();
        probe.Advance(length);
        reader = probe;
        return OperationStatus.Done;
    }

    private static bool TryReadInteger(ref SequenceReader<byte> reader, out uint value)
    {
        bool isThere = reader.TryReadBigEndian(out int signed);
        value = (uint)signed;
        return isThere;
    }
}
