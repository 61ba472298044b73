using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Reflection;

namespace Sks.Server.Configuration;

/// <summary>Puts text into a property of an options class, and reads it back.</summary>
internal static class SettingValue
{
    /// <summary>Whether the property takes several values.</summary>
    public static bool IsList(PropertyInfo property) => ElementType(property) is not null;

    /// <summary>Sets <paramref name="property"/> from <paramref name="values"/>; exactly one unless it is a list.</summary>
    /// <exception cref="FormatException">The text is none of the type; the message has the text and what is expected.</exception>
    public static void Set(object options, PropertyInfo property, IReadOnlyList<string> values)
    {
        if (ElementType(property) is not { } elementType)
        {
            property.SetValue(options, Convert(values.Count == 1 ? values[0] : string.Join(", ", values), property.PropertyType));
            return;
        }

        var array = Array.CreateInstance(elementType, values.Count);
        for (int i = 0; i < values.Count; i++)
            array.SetValue(Convert(values[i], elementType), i);
        object list = property.PropertyType.IsAssignableFrom(array.GetType())
            ? array
            : Activator.CreateInstance(property.PropertyType, array)!;
        property.SetValue(options, list);
    }

    /// <summary>A value as it would be written in a configuration.</summary>
    public static string Format(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        IEnumerable list => string.Join(", ", list.Cast<object>().Select(Format)),
        _ => TypeDescriptor.GetConverter(value.GetType()).ConvertToInvariantString(value) ?? "",
    };

    /// <summary>The kind of text a type takes, in words.</summary>
    public static string Describe(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
            return "one of " + string.Join(", ", Enum.GetNames(type));
        if (type == typeof(bool))
            return "true or false";
        if (type == typeof(TimeSpan))
            return "a time such as 00:00:30";
        return type == typeof(int) || type == typeof(long) ? "a whole number" : "a value of type " + type.Name;
    }

    private static Type? ElementType(PropertyInfo property)
    {
        Type type = property.PropertyType;
        if (type == typeof(string) || !typeof(IEnumerable).IsAssignableFrom(type))
            return null;
        return type.IsArray ? type.GetElementType() : type.GetGenericArguments().Single();
    }

    private static object? Convert(string text, Type type)
    {
        if (type == typeof(string))
            return text;
        if (Nullable.GetUnderlyingType(type) is not null && text.Length == 0)
            return null;

        try
        {
            object? value = TypeDescriptor.GetConverter(type).ConvertFrom(null, CultureInfo.InvariantCulture, text);
            if (value is Enum && !Enum.IsDefined(value.GetType(), value))
                throw new FormatException();
            return value;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            throw new FormatException($"'{text}' is not {Describe(type)}", e);
        }
    }
}
