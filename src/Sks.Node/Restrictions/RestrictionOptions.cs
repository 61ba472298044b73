using System.ComponentModel.DataAnnotations;

namespace Sks.Node.Restrictions;

/// <summary>Whose restrictions hold here, beside those of this node. See docs/restrictions.md.</summary>
public sealed class RestrictionOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Restrictions";

    /// <summary>
    /// Node ids (64 hex digits) of other nodes whose restrictions are honoured. Default: none. What a node that is no longer listed has
    /// demanded holds no longer; what was removed for it stays removed.
    /// </summary>
    public string[] Origins { get; set; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Origins
        .Where(static text => !NodeId.TryParse(text, out _))
        .Select(static text => new ValidationResult($"{nameof(Origins)}: '{text}' is no node id of 64 hex digits"));

    /// <summary>The ids.</summary>
    internal IReadOnlySet<NodeId> ReadOrigins() =>
        Origins.Select(static text => NodeId.TryParse(text, out NodeId id) ? id : throw new FormatException($"'{text}' is no node id.")).ToHashSet();
}
