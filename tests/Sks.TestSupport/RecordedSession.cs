using System.Globalization;
using System.Text.Json;
using Sks.Reconciliation;

namespace Sks.TestSupport;

/// <summary>The payload of one segment of a recorded session.</summary>
/// <param name="From"><c>initiator</c> or <c>responder</c>.</param>
/// <param name="Hex">The bytes.</param>
public sealed record RecordedEvent(string From, string Hex)
{
    public byte[] Bytes => Convert.FromHexString(Hex);
}

/// <summary>A session between two real SKS, as captured.</summary>
/// <param name="Common">Elements of both sides.</param>
/// <param name="InitiatorOnly">Elements of the initiator alone.</param>
/// <param name="ResponderOnly">Elements of the responder alone.</param>
public sealed record RecordedSession(
    string Description,
    IReadOnlyList<string> Common,
    IReadOnlyList<string> InitiatorOnly,
    IReadOnlyList<string> ResponderOnly,
    IReadOnlyList<RecordedEvent> Events)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static IReadOnlyList<string> Names { get; } =
    [
        "identical-30", "identical-400", "diff1-initiator-extra", "diff1-responder-extra", "diff5-exact-mbar", "diff6-over-mbar",
        "diff10-400", "diff10-3000", "diff150-3000", "disjoint-160", "initiator-empty", "responder-empty", "fullelements-20-vs-400",
        "reject-mbar", "reject-bitquantum", "reject-filters",
    ];

    public static RecordedSession Read(string name) =>
        JsonSerializer.Deserialize<RecordedSession>(TestData.Read("reconciliation", Path.Combine("sessions", name + ".json")), Options)!;

    public static IReadOnlyList<Element> Parse(IEnumerable<string> hex) =>
        [.. hex.Select(static text => new Element(UInt128.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture)))];

    /// <summary>Everything that one side sent.</summary>
    public byte[] StreamOf(string side) => [.. Events.Where(recorded => recorded.From == side).SelectMany(static recorded => recorded.Bytes)];

    public IReadOnlyList<Element> ElementsOf(string side) => Parse(Common.Concat(OnlyAt(side)));

    public IReadOnlyList<string> OnlyAt(string side) => side == "initiator" ? InitiatorOnly : ResponderOnly;
}
