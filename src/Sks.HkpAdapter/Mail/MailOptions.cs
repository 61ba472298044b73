using System.ComponentModel.DataAnnotations;

namespace Sks.HkpAdapter.Mail;

/// <summary>How certificates are exchanged by mail, as PKS servers do.</summary>
public sealed partial class MailOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Mail";

    /// <summary>Address of this keyserver: what it sends comes from there, and nothing is answered to it. Default: empty, for none.</summary>
    public string Address { get; set; } = "";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Address.Length > 0 && (Address.Any(static c => c <= ' ' || c is '<' or '>' or '"' or ',') || !Address.Contains('@', StringComparison.Ordinal)))
            yield return new ValidationResult($"'{Address}' is no bare mail address.", [nameof(Address)]);
        foreach (ValidationResult result in ValidateSending())
            yield return result;
    }
}
